import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Rule } from '../http/text.decorators.js';

/** Room for a private key with its chain. */
const LONGEST_BYTES = 16_384;

// PostgreSQL and most systems take neither
const UNTAKEN = /[\0\p{Cs}]/u;

/** Any text but an empty one, white space included: what a system takes as a password is the system's to say. */
function isSecretValue(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= LONGEST_BYTES && !UNTAKEN.test(value);
}

@ApiSchema({ name: 'SecretToPut', description: 'A value that can be set and never be read again.' })
export class SecretDto {
  @ApiProperty({ minLength: 1, maxLength: LONGEST_BYTES, writeOnly: true, description: 'At most 16 KiB in UTF-8.' })
  @Rule('isText', isSecretValue, `must be text of 1 to ${LONGEST_BYTES} bytes`)
  readonly value!: string;
}
