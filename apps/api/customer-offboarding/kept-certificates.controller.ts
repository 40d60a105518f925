import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission } from '../access/access.decorators.js';
import { CurrentActor } from '../access/caller.js';
import { SigningKeyMissing } from '../certificates/certificate.errors.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { CursorQuery } from '../http/page.query.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { RunNotFound } from '../runs/run.errors.js';
import { ErasureNotFound } from './erasure.errors.js';
import { KeptCertificatePageView } from './kept-certificate.view.js';
import { KeptCertificates } from './kept-certificates.js';

@ApiTags('Customers')
@Controller('v1/erasures/:id/certificates')
export class KeptCertificatesController {
  constructor(private readonly kept: KeptCertificates) {}

  @Get()
  @ApiOperation({
    summary: 'What is kept of the certificates of a customer that was erased, by run',
    operationId: 'listKeptCertificates',
  })
  @ApiOkResponse({ type: KeptCertificatePageView })
  @MayAnswer(InvalidId, InvalidQuery, InvalidCursor, ErasureNotFound)
  @RequiresPermission('tenant_erasure.read')
  list(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Query() query: CursorQuery,
  ): Promise<KeptCertificatePageView> {
    return this.kept.list(actor, id, query);
  }

  @Get(':run')
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({
    summary: 'What is kept of one certificate: outcome, dates, decisions, and the certificate’s hash; nobody’s name',
    description: 'Canonical JSON (RFC 8785). The bytes are what is signed.',
    operationId: 'getKeptCertificate',
  })
  @ApiOkResponse({ content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } } })
  @MayAnswer(InvalidId, ErasureNotFound, RunNotFound)
  @RequiresPermission('tenant_erasure.read')
  proof(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Param('run', IdPipe) run: string,
  ): Promise<string> {
    return this.kept.proof(actor, id, run);
  }

  @Get(':run/signature')
  @Header('content-type', 'application/jose')
  @ApiOperation({
    summary: 'Its detached signature',
    description: 'As of a certificate; the keys are at /v1/signing-keys.',
    operationId: 'getKeptCertificateSignature',
  })
  @ApiOkResponse({ content: { 'application/jose': { schema: { type: 'string' } } } })
  @MayAnswer(InvalidId, ErasureNotFound, RunNotFound, SigningKeyMissing)
  @RequiresPermission('tenant_erasure.read')
  signature(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Param('run', IdPipe) run: string,
  ): Promise<string> {
    return this.kept.sign(actor, id, run);
  }
}
