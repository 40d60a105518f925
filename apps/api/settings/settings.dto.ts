import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min } from 'class-validator';
import { DEFAULT_ACCOUNTS_PER_HOUR, PROTECTION_RULES, type ProtectionRule } from '#libs/requests';

const MOST_ACCOUNTS = 100_000;

@ApiSchema({ name: 'SettingsToPut', description: 'Replaces a customer’s settings: both fields are needed.' })
export class SettingsDto {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: MOST_ACCOUNTS,
    example: DEFAULT_ACCOUNTS_PER_HOUR,
    description: `The brake: more accounts or devices than this within an hour wait for a second person. Unset: ${DEFAULT_ACCOUNTS_PER_HOUR}.`,
  })
  @IsInt()
  @Min(1)
  @Max(MOST_ACCOUNTS)
  readonly accountsPerHour!: number;

  @ApiProperty({ enum: PROTECTION_RULES, description: 'Unset: refuse.' })
  @IsIn(PROTECTION_RULES)
  readonly lastAdministrator!: ProtectionRule;
}
