import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { CursorQuery } from '../http/page.query.js';
import { IsInstant } from '../http/instant.decorator.js';
import { IsLine, Rule } from '../http/text.decorators.js';

export const OUTCOMES = ['done', 'denied', 'failed'] as const;

const ACTION = /^[a-z][a-z0-9_.]{0,99}$/;

/** Which entries of the audit; all of it where nothing is said. */
export class AuditFilterQuery {
  @ApiPropertyOptional({ description: 'One tenant; without it, all that you see.' })
  @IsOptional()
  @IsLine(40)
  readonly tenant?: string;

  @ApiPropertyOptional({ description: 'Who acted, or on whose behalf.' })
  @IsOptional()
  @IsLine(400)
  readonly actor?: string;

  @ApiPropertyOptional({ description: 'An action, or its beginning: `plan.` is every act on plans.', maxLength: 100 })
  @IsOptional()
  @Rule('isAction', (value) => typeof value === 'string' && ACTION.test(value), 'must be an action or its beginning')
  readonly action?: string;

  @ApiPropertyOptional({ description: 'E.g. `request`, `plan`, `run`, `step`, `secret`.' })
  @IsOptional()
  @IsLine(60)
  readonly objectKind?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsLine(400)
  readonly objectId?: string;

  @ApiPropertyOptional({ enum: OUTCOMES })
  @IsOptional()
  @IsIn(OUTCOMES)
  readonly outcome?: (typeof OUTCOMES)[number];

  @ApiPropertyOptional({ format: 'date-time', description: 'From this instant on.' })
  @IsOptional()
  @IsInstant()
  readonly from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Before this instant.' })
  @IsOptional()
  @IsInstant()
  readonly to?: string;
}

export class AuditListQuery extends IntersectionType(AuditFilterQuery, CursorQuery) {}

export class AuditExportQuery extends AuditFilterQuery {
  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'Also the hashes of links whose entries are left out, so that the whole chain can be computed.',
  })
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsIn([true, false])
  readonly links: boolean = false;
}
