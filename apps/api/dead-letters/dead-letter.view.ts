import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ListedLetter } from './dead-letter.store.js';

const BASE64 = { type: String, nullable: true, format: 'byte' } as const;

@ApiSchema({ name: 'DeadLetter', description: 'A record that could not be taken in, with its bytes and the reason.' })
export class DeadLetterView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ description: 'Whose it is; the MSP’s own where nobody can tell.' })
  readonly tenant!: string;
  @ApiProperty({ description: 'The code of why, e.g. `event.malformed`.' })
  readonly code!: string;
  @ApiProperty()
  readonly reason!: string;
  @ApiProperty()
  readonly topic!: string;
  @ApiProperty({ type: 'integer' })
  readonly partition!: number;
  @ApiProperty({ type: 'integer' })
  readonly offset!: number;
  @ApiProperty(BASE64)
  readonly key!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  readonly headers!: Readonly<Record<string, string>>;
  @ApiProperty({ ...BASE64, description: 'Its first 4 KB, with `full=true` all of it.' })
  readonly value!: string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Bytes that the value has altogether.' })
  readonly valueBytes!: number | null;
  @ApiProperty({ format: 'date-time' })
  readonly arrivedAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly replayedAt!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly replayedBy!: string | null;
}

@ApiSchema({ name: 'DeadLetterPage' })
export class DeadLetterPageView {
  @ApiProperty({ type: [DeadLetterView] })
  readonly items!: DeadLetterView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

@ApiSchema({ name: 'ReplayedDeadLetter' })
export class ReplayedView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ format: 'date-time' })
  readonly replayedAt!: string;
  @ApiProperty()
  readonly replayedBy!: string;
}

export function deadLetterView(row: ListedLetter): DeadLetterView {
  return {
    id: row.id,
    tenant: row.tenant_id,
    code: row.code,
    reason: row.reason,
    topic: row.topic,
    partition: row.partition,
    offset: row.kafka_offset,
    key: row.key?.toString('base64') ?? null,
    headers: row.headers,
    value: row.value?.toString('base64') ?? null,
    valueBytes: row.value_bytes,
    arrivedAt: row.arrived_at.toISOString(),
    replayedAt: row.replayed_at?.toISOString() ?? null,
    replayedBy: row.replayed_by,
  };
}
