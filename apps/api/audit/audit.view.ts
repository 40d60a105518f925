import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Json } from '#libs/kernel';
import { ANY_VALUE } from '../openapi/any-value.js';
import type { EntryRow, ListedEntry } from './audit.store.js';
import { OUTCOMES } from './audit.query.js';

const MAYBE_TEXT = { type: String, nullable: true } as const;

@ApiSchema({ name: 'AuditObject' })
export class AuditObjectView {
  @ApiProperty()
  readonly kind!: string;
  @ApiProperty()
  readonly id!: string;
}

@ApiSchema({ name: 'AuditLink', description: 'Its place in the tenant’s chain.' })
export class AuditLinkView {
  @ApiProperty({ type: 'integer' })
  readonly seq!: number;
  @ApiProperty({ description: 'SHA-256, hexadecimal.' })
  readonly hash!: string;
}

@ApiSchema({ name: 'AuditEntry', description: 'What somebody did to something.' })
export class AuditEntryView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
  @ApiProperty({ description: 'E.g. `plan.approved`.' })
  readonly action!: string;
  @ApiProperty({ enum: OUTCOMES })
  readonly outcome!: string;
  @ApiProperty({ description: 'Who acted; `stellwerk` for the engine.' })
  readonly actor!: string;
  @ApiProperty({ ...MAYBE_TEXT, description: 'On whose behalf.' })
  readonly origin!: string | null;
  @ApiProperty({ type: AuditObjectView })
  readonly object!: AuditObjectView;
  @ApiProperty({ ...MAYBE_TEXT, format: 'uuid', description: 'The request that this is part of.' })
  readonly request!: string | null;
  @ApiProperty(MAYBE_TEXT)
  readonly reason!: string | null;
  @ApiProperty(ANY_VALUE)
  readonly before!: Json;
  @ApiProperty(ANY_VALUE)
  readonly after!: Json;
  @ApiProperty({ description: 'A person’s name was replaced by a pseudonym.' })
  readonly erased!: boolean;
  @ApiProperty({ type: AuditLinkView, nullable: true, description: 'Null: it is not chained yet.' })
  readonly link!: AuditLinkView | null;
}

@ApiSchema({ name: 'AuditPage' })
export class AuditPageView {
  @ApiProperty({ type: [AuditEntryView] })
  readonly items!: AuditEntryView[];
  @ApiProperty(MAYBE_TEXT)
  readonly nextCursor!: string | null;
}

export function auditEntryView(row: ListedEntry): AuditEntryView {
  const link = row.seq === null ? null : { seq: row.seq, hash: row.hash! };
  return { ...entryFields(row), erased: row.erased_by !== null, link };
}

/** An entry's fields as they are hashed, grouped for readers. */
export function entryFields(row: EntryRow): Omit<AuditEntryView, 'erased' | 'link'> {
  return {
    ...{ id: row.id, tenant: row.tenant_id, at: row.at.toISOString(), action: row.action, outcome: row.outcome },
    ...{ actor: row.actor, origin: row.origin, object: { kind: row.object_kind, id: row.object_id } },
    ...{ request: row.request_id, reason: row.reason, before: row.before, after: row.after },
  };
}
