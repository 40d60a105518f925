import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { DEFAULT_INVITATION_DAYS } from '#libs/identity';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';
import { GrantedRoleDto } from '../people/granted-role.dto.js';

const MOST_GRANTS = 20;
const LONGEST_DAYS = 14;
const isMail = (value: unknown): boolean =>
  typeof value === 'string' && /^[^\s@<>"(),:;\\[\]\p{Cc}\p{Cs}]{1,64}@[A-Za-z0-9.-]{1,190}$/u.test(value);

@ApiSchema({ name: 'InvitedGrant', description: 'A role that an invitation gives, and for which tenants it holds.' })
export class InvitedGrantDto extends GrantedRoleDto {}

@ApiSchema({
  name: 'NewInvitation',
  description: 'Somebody without an identity provider, who is to sign in with a passkey.',
})
export class NewInvitationDto {
  @ApiProperty({ format: 'email', maxLength: 254 })
  @Rule('isEmail', isMail, 'must be a mail address')
  readonly mail!: string;

  @ApiProperty({ maxLength: 200 })
  @IsLine(200)
  readonly name!: string;

  @ApiProperty({ enum: ['de', 'en'], description: 'The language of the mail and its page.' })
  @IsIn(['de', 'en'])
  readonly language!: 'de' | 'en';

  @ApiProperty({ type: [InvitedGrantDto], minItems: 1, maxItems: MOST_GRANTS })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_GRANTS)
  @ValidateNested({ each: true })
  @Type(() => InvitedGrantDto)
  readonly grants!: InvitedGrantDto[];

  @ApiPropertyOptional({ minimum: 1, maximum: LONGEST_DAYS, default: DEFAULT_INVITATION_DAYS, type: 'integer' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LONGEST_DAYS)
  readonly validDays: number = DEFAULT_INVITATION_DAYS;

  @ApiProperty({ maxLength: 2000 })
  @IsText(2000)
  readonly reason!: string;
}

@ApiSchema({ name: 'InvitationWithdrawal', description: 'Why.' })
export class WithdrawalDto {
  @ApiProperty({ maxLength: 2000 })
  @IsText(2000)
  readonly reason!: string;
}
