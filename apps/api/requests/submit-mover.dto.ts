import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, ValidateNested } from 'class-validator';
import type { MoverWish, Submission } from '#libs/requests';
import { DayAndHour, Line, OptionalLine, OptionalLines } from './request-fields.decorators.js';
import { partsOf, RequestDto } from './request-parts.dto.js';

const REMOVES = 'Null removes it, absent leaves it.';

@ApiSchema({ name: 'GroupDifference', description: 'How the groups change.' })
export class GroupDifferenceDto {
  @OptionalLine(256, { description: 'The user name of a colleague: afterwards the groups are the same.' })
  readonly like?: string;

  @OptionalLines(100, 256)
  readonly add?: string[];

  @OptionalLines(100, 256)
  readonly remove?: string[];
}

@ApiSchema({ name: 'SubmitMover', description: 'A request for a move within the customer.' })
export class SubmitMoverDto extends RequestDto {
  @ApiProperty({ enum: ['mover'] })
  @IsIn(['mover'])
  readonly type!: 'mover';

  @Line(256, { description: 'The user name in the customer’s directory.', example: 'eva.beck' })
  readonly user!: string;

  @DayAndHour({
    description: 'When it takes effect: local time in the customer’s zone, or with an offset. Today or later.',
  })
  readonly effectiveAt!: string;

  @OptionalLine(128, { nullable: true, description: REMOVES })
  readonly title?: string | null;

  @OptionalLine(64, { nullable: true, description: REMOVES })
  readonly department?: string | null;

  @OptionalLine(64, { nullable: true, description: REMOVES })
  readonly company?: string | null;

  @OptionalLine(256, { nullable: true, description: REMOVES })
  readonly streetAddress?: string | null;

  @OptionalLine(40, { nullable: true, description: REMOVES })
  readonly postalCode?: string | null;

  @OptionalLine(128, { nullable: true, description: REMOVES })
  readonly city?: string | null;

  @OptionalLine(128, { nullable: true, description: REMOVES })
  readonly state?: string | null;

  @OptionalLines(5, 64, { nullable: true, description: REMOVES })
  readonly businessPhones?: string[] | null;

  @OptionalLine(64, { nullable: true, description: REMOVES })
  readonly mobilePhone?: string | null;

  @OptionalLine(256, { nullable: true, description: `The new manager’s user name. ${REMOVES}` })
  readonly manager?: string | null;

  @ApiPropertyOptional({ type: GroupDifferenceDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => GroupDifferenceDto)
  readonly groups?: GroupDifferenceDto;

  toSubmission(): Submission {
    const { wish, ...rest } = partsOf(this);
    return { type: 'mover', wish: { ...removals(this), ...wish } as MoverWish, ...rest };
  }
}

const FIELDS = [
  'title',
  'department',
  'company',
  'streetAddress',
  'postalCode',
  'city',
  'state',
  'businessPhones',
  'mobilePhone',
  'manager',
] as const satisfies readonly (keyof SubmitMoverDto)[];

/** The fields that were given as null. */
function removals(dto: SubmitMoverDto): Partial<MoverWish> {
  return Object.fromEntries(FIELDS.filter((name) => dto[name] === null).map((name) => [name, null]));
}
