import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import {
  canonicalHost,
  FINGERPRINT,
  OUTGOING_PROTOCOLS,
  readPlace,
  type OutgoingPolicy,
  type OutgoingProtocol,
} from '#libs/platform/outgoing';
import { IsText, Rule } from '../http/text.decorators.js';

const MOST_ALLOWANCES = 200;
const MOST_PORTS = 100;
const LARGEST_PORT = 65_535;
const LONGEST_PLACE = 260;
const PUBLIC_ADDRESSES = ['open', 'listed'] as const;

@ApiSchema({ name: 'AllowanceToPut', description: 'A way out that the customer’s systems may be reached by.' })
export class AllowanceDto {
  @ApiProperty({
    example: '10.20.0.0/16',
    maxLength: LONGEST_PLACE,
    description:
      'A network, an address, a name, or all names below one (`*.example.com`). A name opens public and private addresses that it stands for; this machine and link-local addresses need their network.',
  })
  @Rule(
    'isPlace',
    (value) => typeof value === 'string' && value.length <= LONGEST_PLACE && readPlace(value) !== null,
    'must be a network without bits beyond its prefix (of at least /8, in IPv6 /7), an address, a name or *. and a name',
  )
  readonly to!: string;

  @ApiPropertyOptional({
    type: [Number],
    minItems: 1,
    maxItems: MOST_PORTS,
    description: 'Left out: every port.',
    items: { type: 'integer', minimum: 1, maximum: LARGEST_PORT },
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_PORTS)
  @ArrayUnique()
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(LARGEST_PORT, { each: true })
  readonly ports?: number[];

  @ApiProperty({ enum: OUTGOING_PROTOCOLS, isArray: true, minItems: 1, uniqueItems: true })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(OUTGOING_PROTOCOLS, { each: true })
  readonly protocols!: OutgoingProtocol[];

  @ApiProperty({ maxLength: 500 })
  @IsText(500)
  readonly reason!: string;
}

@ApiSchema({ name: 'OutgoingPolicyToPut', description: 'Replaces what a customer’s connections may reach.' })
export class OutgoingPolicyDto {
  @ApiProperty({
    enum: PUBLIC_ADDRESSES,
    description:
      '`open`: every public address; `listed`: public addresses need an allowance, too. While nobody set it: `listed`.',
  })
  @IsIn(PUBLIC_ADDRESSES)
  readonly publicAddresses!: OutgoingPolicy['publicAddresses'];

  @ApiProperty({ type: [AllowanceDto], maxItems: MOST_ALLOWANCES })
  @IsArray()
  @ArrayMaxSize(MOST_ALLOWANCES)
  @ValidateNested({ each: true })
  @Type(() => AllowanceDto)
  readonly allowances!: AllowanceDto[];
}

function isHost(value: unknown): boolean {
  try {
    return typeof value === 'string' && canonicalHost(value) !== '';
  } catch {
    return false;
  }
}

@ApiSchema({ name: 'HostKeyToTrust', description: 'A person’s word that a key is the SSH server’s own.' })
export class TrustHostKeyDto {
  @ApiProperty({ example: 'fw1.muster.example', maxLength: 253 })
  @Rule('isHost', isHost, 'must be a host name or an IP address')
  readonly host!: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: LARGEST_PORT, example: 22 })
  @IsInt()
  @Min(1)
  @Max(LARGEST_PORT)
  readonly port!: number;

  @ApiProperty({
    example: 'SHA256:uNiVztksCsDhcc0u9e8BrJQXHgzkBc0Z0Lp0a7RzuXQ',
    pattern: '^SHA256:[A-Za-z0-9+/]{43}$',
    description: 'As `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` shows it at the server.',
  })
  @Rule('isFingerprint', (value) => typeof value === 'string' && FINGERPRINT.test(value), 'must be SHA256:… in base64')
  readonly fingerprint!: string;

  @ApiProperty({ maxLength: 500, description: 'How it was compared.' })
  @IsText(500)
  readonly reason!: string;
}
