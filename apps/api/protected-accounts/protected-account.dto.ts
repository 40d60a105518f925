import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PROTECTED_KINDS, PROTECTION_RULES, type ProtectedKind, type ProtectionRule } from '#libs/requests';
import { IsText } from '../http/text.decorators.js';

@ApiSchema({ name: 'Protection', description: 'How an account is protected.' })
export class ProtectionDto {
  @ApiProperty({ enum: PROTECTED_KINDS })
  @IsIn(PROTECTED_KINDS)
  readonly kind!: ProtectedKind;

  @ApiProperty({
    enum: PROTECTION_RULES,
    description: 'Whether off-boarding, absence and moves of it are refused, or wait for a second person at the MSP.',
  })
  @IsIn(PROTECTION_RULES)
  readonly rule!: ProtectionRule;

  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsText(2000)
  readonly note?: string;
}
