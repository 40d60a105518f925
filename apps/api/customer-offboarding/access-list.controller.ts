import { Controller, Get, Header, Headers, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { OffboardingNotFound } from '#libs/tenancy';
import { RequiresPermission } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor } from '../access/caller.js';
import { SigningKeyMissing } from '../certificates/certificate.errors.js';
import { preferredLanguage } from '../http/html.js';
import { InvalidQuery } from '../http/http.errors.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { DOCUMENT_POLICY } from '../privacy/privacy-document.page.js';
import { PageLanguageQuery } from '../privacy/privacy.dto.js';
import { AccessList } from './access-list.js';
import { accessListPage } from './access-list.page.js';

const text = { schema: { type: 'string' } } as const;

@ApiTags('Customers')
@Controller('v1/tenants/:tenant/offboarding/access-list')
export class AccessListController {
  constructor(private readonly list: AccessList) {}

  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({
    summary: 'What we held at the customer, system by system, and how it was proven gone',
    description:
      'Canonical JSON (RFC 8785); its bytes are what is signed. Once the list is complete they never change.',
    operationId: 'getAccessList',
  })
  @ApiOkResponse({ content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } } })
  @MayAnswer(TenantNotFound, OffboardingNotFound)
  @RequiresPermission('tenant_offboarding.read')
  async json(@CurrentActor() actor: Actor, @Param('tenant') tenant: string): Promise<string> {
    return (await this.list.document(actor, tenant)).toString();
  }

  @Get('signature')
  @Header('content-type', 'application/jose')
  @ApiOperation({
    summary: 'The list’s detached signature',
    description:
      'As of a completion certificate: a JWS without its payload, by Ed25519; the keys are at /v1/signing-keys.',
    operationId: 'getAccessListSignature',
  })
  @ApiOkResponse({ content: { 'application/jose': text } })
  @MayAnswer(TenantNotFound, OffboardingNotFound, SigningKeyMissing)
  @RequiresPermission('tenant_offboarding.read')
  signature(@CurrentActor() actor: Actor, @Param('tenant') tenant: string): Promise<string> {
    return this.list.sign(actor, tenant);
  }

  @Get('page')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DOCUMENT_POLICY)
  @Header('vary', 'accept-language')
  @ApiOperation({ summary: 'The same to read and print, in German or English', operationId: 'getAccessListPage' })
  @ApiOkResponse({ content: { 'text/html': text } })
  @MayAnswer(TenantNotFound, InvalidQuery, OffboardingNotFound)
  @RequiresPermission('tenant_offboarding.read')
  async page(
    @CurrentActor() actor: Actor,
    @Param('tenant') tenant: string,
    @Query() { lang }: PageLanguageQuery,
    @Headers('accept-language') wanted: string | undefined,
  ): Promise<string> {
    return accessListPage(await this.list.document(actor, tenant), this.list.keyId, lang ?? preferredLanguage(wanted));
  }
}
