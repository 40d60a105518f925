import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import { Public } from '../access/access.decorators.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { SigningKeyMissing } from './certificate.errors.js';
import { IssueCertificate } from './issue-certificate.js';

@ApiSchema({ name: 'SigningKey', description: 'A public key (RFC 8037).' })
export class SigningKeyView {
  @ApiProperty({ enum: ['OKP'] })
  readonly kty!: 'OKP';
  @ApiProperty({ enum: ['Ed25519'] })
  readonly crv!: 'Ed25519';
  @ApiProperty()
  readonly x!: string;
  @ApiProperty({ description: 'The key’s thumbprint (RFC 7638).' })
  readonly kid!: string;
  @ApiProperty({ enum: ['EdDSA'] })
  readonly alg!: 'EdDSA';
  @ApiProperty({ enum: ['sig'] })
  readonly use!: 'sig';
}

@ApiSchema({ name: 'SigningKeys', description: 'A set of public keys (RFC 7517).' })
export class SigningKeysView {
  @ApiProperty({ type: [SigningKeyView], description: 'The one that signs now comes first.' })
  readonly keys!: SigningKeyView[];
}

@ApiTags('Certificates')
@Controller('v1/signing-keys')
export class SigningKeysController {
  constructor(private readonly certificates: IssueCertificate) {}

  @Get()
  @ApiOperation({ summary: 'The keys that signatures are checked with', operationId: 'listSigningKeys' })
  @ApiOkResponse({ type: SigningKeysView })
  @MayAnswer(SigningKeyMissing)
  @Public()
  list(): SigningKeysView {
    return { keys: [...this.certificates.publishedKeys()] };
  }
}
