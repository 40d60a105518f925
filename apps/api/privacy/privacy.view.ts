import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { LegalHoldRow } from '#libs/tenancy';

@ApiSchema({ name: 'PersonRow' })
export class PersonRowView {
  @ApiProperty({ description: 'Whether the whole row is about the person; else only what names them is given.' })
  readonly about!: boolean;
  @ApiProperty({ type: 'object', additionalProperties: true })
  readonly content!: Record<string, unknown>;
}

@ApiSchema({ name: 'PersonTable' })
export class PersonTableView {
  @ApiProperty()
  readonly table!: string;
  @ApiProperty({ description: 'What a row of it is.' })
  readonly holds!: string;
  @ApiProperty({ type: [PersonRowView] })
  readonly rows!: PersonRowView[];
  @ApiProperty({ description: 'Whether these are all rows.' })
  readonly complete!: boolean;
}

@ApiSchema({
  name: 'PersonData',
  description: 'Everything that is known of a person at a customer (GDPR Art. 15, 20).',
})
export class PersonDataView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly user!: string;
  @ApiProperty({ format: 'date-time' })
  readonly collectedAt!: string;
  @ApiProperty({ type: [PersonTableView] })
  readonly tables!: PersonTableView[];
}

@ApiSchema({ name: 'PersonErasure', description: 'An erasure as it was carried out; it does not name the person.' })
export class PersonErasureView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ description: 'Stands wherever the person was named.' })
  readonly pseudonym!: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, description: 'Rows changed, by table.' })
  readonly changed!: Record<string, number>;
}

@ApiSchema({ name: 'LegalHold', description: 'While it is in force, nothing it covers is erased.' })
export class LegalHoldView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ type: String, nullable: true, description: 'Null: everything of the customer.' })
  readonly person!: string | null;
  @ApiProperty()
  readonly reason!: string;
  @ApiProperty()
  readonly setBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly setAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly endedAt!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly endReason!: string | null;
}

@ApiSchema({ name: 'LegalHoldList' })
export class LegalHoldListView {
  @ApiProperty({ type: [LegalHoldView] })
  readonly items!: LegalHoldView[];
}

export function legalHoldView(row: LegalHoldRow): LegalHoldView {
  return {
    tenant: row.tenant_id,
    id: row.id,
    person: row.person,
    reason: row.reason,
    setBy: row.set_by,
    setAt: row.set_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    endReason: row.end_reason,
  };
}
