import type { Insertable, Selectable } from 'kysely';
import type { AccessTables } from './schema/access.tables.js';
import type { ApprovalsTables } from './schema/approvals.tables.js';
import type { AuditTables } from './schema/audit.tables.js';
import type { EscalationTables } from './schema/escalation.tables.js';
import type { EventsTables } from './schema/events.tables.js';
import type { HandoverTables } from './schema/handover.tables.js';
import type { LimitsTables } from './schema/limits.tables.js';
import type { IdentityTables } from './schema/identity.tables.js';
import type { MailsTables } from './schema/mails.tables.js';
import type { OffboardingTables } from './schema/offboarding.tables.js';
import type { OncallTables } from './schema/oncall.tables.js';
import type { OutgoingTables } from './schema/outgoing.tables.js';
import type { RetentionTables } from './schema/retention.tables.js';
import type { RequestsTables } from './schema/requests.tables.js';
import type { TenancyTables } from './schema/tenancy.tables.js';
import type { RunsTables } from './schema/runs.tables.js';
import type { SecretsTables } from './schema/secrets.tables.js';
import type { TicketDeskTables } from './schema/ticket-desk.tables.js';
import type { TicketMailsTables } from './schema/ticket-mails.tables.js';
import type { SlaTables } from './schema/sla.tables.js';
import type { TicketsTables } from './schema/tickets.tables.js';
import type { WebhooksTables } from './schema/webhooks.tables.js';

export type { JsonColumn } from './schema/columns.js';
export type { ProviderSettingsColumn } from './schema/identity.tables.js';

/** The tables as `migrations/` makes them; a test compares both. One file per area. */
export interface Schema
  extends
    AccessTables,
    ApprovalsTables,
    AuditTables,
    EscalationTables,
    EventsTables,
    HandoverTables,
    MailsTables,
    LimitsTables,
    OffboardingTables,
    OncallTables,
    OutgoingTables,
    IdentityTables,
    RequestsTables,
    RetentionTables,
    RunsTables,
    SecretsTables,
    TenancyTables,
    TicketMailsTables,
    SlaTables,
    TicketsTables,
    TicketDeskTables,
    WebhooksTables {}

export type Row<Table extends keyof Schema> = Selectable<Schema[Table]>;
export type NewRow<Table extends keyof Schema> = Insertable<Schema[Table]>;
