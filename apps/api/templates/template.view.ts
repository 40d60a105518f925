import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Min } from 'class-validator';
import type { TemplateRow } from '#libs/requests';
import { TEMPLATE_PROCESSES } from '#libs/requests';

@ApiSchema({ name: 'Template', description: 'A version of a customer’s template; a version never changes.' })
export class TemplateView {
  @ApiProperty({ enum: TEMPLATE_PROCESSES })
  readonly process!: string;
  @ApiProperty({ type: 'integer', description: '0: there is none, and nothing is ruled.' })
  readonly version!: number;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'By the JSON Schema at `/v1/templates/{process}/schema`.',
  })
  readonly template!: unknown;
  @ApiProperty({ type: String, nullable: true })
  readonly createdBy!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly createdAt!: string | null;
}

export class TemplateQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'Without it, the newest.' })
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : NaN,
  )
  @IsOptional()
  @IsInt()
  @Min(1)
  readonly version?: number;
}

export function templateView(row: TemplateRow): TemplateView {
  return {
    process: row.process,
    version: row.version,
    template: row.body,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  };
}

/** What counts where a customer has no template. */
export function noTemplate(process: string): TemplateView {
  return { process, version: 0, template: {}, createdBy: null, createdAt: null };
}
