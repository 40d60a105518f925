import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsObject, IsOptional } from 'class-validator';
import { isReturnPath } from '#libs/identity';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';

const RETURN_TO = '/docs';
const isPath = (value: unknown): boolean => typeof value === 'string' && isReturnPath(value);

/** Where to go after signing in. */
export class ReturnToDto {
  @IsOptional()
  @Rule('isReturnPath', isPath, 'must be a path of this host')
  readonly returnTo: string = RETURN_TO;
}

export class LinkTokenDto {
  @IsLine(200)
  readonly token!: string;
}

/** What the browser's authenticator gave; checked as a whole by whoever verifies it. */
export class CredentialDto {
  @IsObject()
  readonly credential!: object;
}

@ApiSchema({ name: 'NewPasskey', description: 'A passkey that the browser just made.' })
export class NewPasskeyDto {
  @ApiProperty({ maxLength: 80, description: 'What you call it, e.g. the device.' })
  @IsLine(80)
  readonly name!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'As `PublicKeyCredential.toJSON()` gives it (WebAuthn Level 3, RegistrationResponseJSON).',
  })
  @IsObject()
  readonly credential!: object;
}

@ApiSchema({ name: 'PasskeyName' })
export class PasskeyNameDto {
  @ApiProperty({ maxLength: 80 })
  @IsLine(80)
  readonly name!: string;
}

@ApiSchema({ name: 'PasskeyRemoval', description: 'Why.' })
export class PasskeyRemovalDto {
  @ApiProperty({ maxLength: 2000 })
  @IsText(2000)
  readonly reason!: string;
}
