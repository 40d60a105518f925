/** What can have happened to a ticket. */
export const ENTRY_KINDS = [
  // a ticket's first
  'opened',
  'comment',
  'status',
  'priority',
  'assignment',
  'tags',
  // what is promised, and why
  'targets',
  // of a planned ticket: a date proposed, agreed or refused
  'date',
  // a mail that became this ticket, and one of ours that came back
  'mail',
  'mail_bounced',
  'sla_mark',
  'escalation',
  'business_timer',
  'attachment',
  'time',
  'link',
  'watchers',
  // a run that was started for it has ended
  'run',
  'classification',
  'merged',
  'split',
  'copied_comment',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];
