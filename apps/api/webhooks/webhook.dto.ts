import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { publicEventTypes } from '#libs/events';
import { canonicalHost } from '#libs/platform/outgoing';
import { IsText, Rule } from '../http/text.decorators.js';

const LONGEST_URL = 2048;
const MOST_HOURS = 168;

/** Whether messages can go there at all; whether they may is decided when they do. */
function isWebhookUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > LONGEST_URL || !URL.canParse(value)) return false;
  const { protocol, hostname, username, password, hash } = new URL(value);
  if (!['http:', 'https:'].includes(protocol) || username + password + hash !== '') return false;
  try {
    return canonicalHost(hostname) !== '';
  } catch {
    return false;
  }
}

@ApiSchema({ name: 'WebhookToCreate' })
export class CreateWebhookDto {
  @ApiProperty({
    example: 'https://psa.example/hooks/stellwerk',
    maxLength: LONGEST_URL,
    description:
      'Without a login. `http` only to addresses that are not public; private ones need an outgoing allowance.',
  })
  @Rule('isWebhookUrl', isWebhookUrl, 'must be an https (or http) address without a login or fragment')
  readonly url!: string;

  @ApiProperty({ enum: publicEventTypes, isArray: true, minItems: 1, uniqueItems: true })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsIn(publicEventTypes, { each: true })
  readonly eventTypes!: string[];

  @ApiPropertyOptional({ maxLength: 200 })
  @IsOptional()
  @IsText(200)
  readonly description?: string;
}

@ApiSchema({ name: 'WebhookToPut' })
export class PutWebhookDto extends CreateWebhookDto {
  @ApiProperty({ enum: [true, false], description: 'Switching on again what failed gives it another chance.' })
  @IsIn([true, false])
  readonly enabled!: boolean;
}

@ApiSchema({ name: 'WebhookSecretToRotate' })
export class RotateSecretDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MOST_HOURS,
    default: 24,
    description: 'How long messages are signed with the secret before as well.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_HOURS)
  readonly overlapHours?: number;
}
