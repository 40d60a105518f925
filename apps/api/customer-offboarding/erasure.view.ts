import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ErasureRow, KeptRow } from '#libs/tenancy';

const maybe = { type: String, format: 'date-time', nullable: true } as const;

@ApiSchema({ name: 'KeptByLaw' })
export class KeptView {
  @ApiProperty()
  readonly table!: string;
  @ApiProperty()
  readonly law!: string;
  @ApiProperty({ ...maybe, description: 'Null: for good.' })
  readonly keepUntil!: string | null;
  @ApiProperty(maybe)
  readonly erasedAt!: string | null;
}

@ApiSchema({ name: 'CustomerErasure' })
export class ErasureView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly customer!: string;
  @ApiProperty()
  readonly reason!: string;
  @ApiProperty()
  readonly requestedBy!: string;
  @ApiProperty()
  readonly confirmedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly begunAt!: string;
  @ApiProperty(maybe)
  readonly endedAt!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, description: 'Rows deleted, by table.' })
  readonly erased!: Record<string, number>;
  @ApiProperty({ type: 'integer', description: 'Histories deleted from the engine.' })
  readonly histories!: number;
  @ApiProperty({ type: [KeptView] })
  readonly kept!: KeptView[];
}

@ApiSchema({ name: 'CustomerErasureList' })
export class ErasureListView {
  @ApiProperty({ type: [ErasureView] })
  readonly items!: ErasureView[];
}

export function erasureView(row: ErasureRow, kept: readonly KeptRow[]): ErasureView {
  return {
    ...{ id: row.id, customer: row.customer, reason: row.reason, histories: row.histories },
    ...{ requestedBy: row.requested_by, confirmedBy: row.confirmed_by, erased: { ...row.erased } },
    begunAt: row.begun_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    kept: kept.map((one) => ({
      ...{ table: one.kept_table, law: one.law },
      keepUntil: one.keep_until?.toISOString() ?? null,
      erasedAt: one.erased_at?.toISOString() ?? null,
    })),
  };
}
