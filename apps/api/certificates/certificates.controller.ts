import { Controller, Get, Header, Headers, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission } from '../access/access.decorators.js';
import { CurrentActor } from '../access/caller.js';
import { preferredLanguage } from '../http/html.js';
import { InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Costs } from '../limits/costs.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { RunNotFinished, RunNotFound } from '../runs/run.errors.js';
import { SigningKeyMissing } from './certificate.errors.js';
import { CERTIFICATE_POLICY, certificatePage } from './certificate.page.js';
import { CertificatePageQuery } from './certificate.query.js';
import { IssueCertificate } from './issue-certificate.js';

const text = { schema: { type: 'string' } } as const;

@ApiTags('Certificates')
@Controller('v1/runs/:id/certificate')
export class CertificatesController {
  constructor(private readonly certificates: IssueCertificate) {}

  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({
    summary: 'What was asked, approved, done and proven in a run that has ended',
    description: 'Canonical JSON (RFC 8785). The same run gives the same bytes; they are what is signed.',
    operationId: 'getCertificate',
  })
  @ApiOkResponse({ content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } } })
  @MayAnswer(InvalidId, RunNotFound, RunNotFinished)
  @Costs('expensive')
  @RequiresPermission('run.read')
  async json(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<string> {
    return (await this.certificates.issue(actor, id)).bytes.toString();
  }

  @Get('signature')
  @Header('content-type', 'application/jose')
  @ApiOperation({
    summary: 'The certificate’s detached signature',
    description:
      'A JWS in compact form without its payload (RFC 7515, appendix F; `b64: false` of RFC 7797), by Ed25519. The payload is the certificate’s bytes as they are; the keys are at /v1/signing-keys.',
    operationId: 'getCertificateSignature',
  })
  @ApiOkResponse({ content: { 'application/jose': text } })
  @MayAnswer(InvalidId, RunNotFound, RunNotFinished, SigningKeyMissing)
  @Costs('expensive')
  @RequiresPermission('run.read')
  signature(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<string> {
    return this.certificates.sign(actor, id);
  }

  @Get('page')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', CERTIFICATE_POLICY)
  @Header('vary', 'accept-language')
  @ApiOperation({
    summary: 'The certificate to read and print, in German or English',
    operationId: 'getCertificatePage',
  })
  @ApiOkResponse({ content: { 'text/html': text } })
  @MayAnswer(InvalidId, InvalidQuery, RunNotFound, RunNotFinished)
  @Costs('expensive')
  @RequiresPermission('run.read')
  async page(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Query() { lang }: CertificatePageQuery,
    @Headers('accept-language') wanted: string | undefined,
  ): Promise<string> {
    const issued = await this.certificates.issue(actor, id);
    return certificatePage(issued, this.certificates.keyId, lang ?? preferredLanguage(wanted));
  }
}
