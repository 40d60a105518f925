export * from './mail-content.js';
export * from './mail-layout.js';
export * from './templates/alarm-mail.js';
export * from './templates/approval-mail.js';
export * from './templates/escalation-mail.js';
export * from './templates/invitation-mail.js';
export * from './templates/ticket-mail.js';
