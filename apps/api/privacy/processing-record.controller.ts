import { Controller, Get, Header, Headers, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor } from '../access/caller.js';
import { preferredLanguage } from '../http/html.js';
import { InvalidQuery } from '../http/http.errors.js';
import { Costs } from '../limits/costs.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { PrivacyDesk } from './privacy-desk.js';
import { DOCUMENT_POLICY } from './privacy-document.page.js';
import { PageLanguageQuery } from './privacy.dto.js';
import { processingRecordPage } from './processing-record.page.js';
import { ProcessingRecordView } from './processing-record.view.js';

@ApiTags('Privacy')
@Controller('v1/tenants/:tenant/processing-record')
export class ProcessingRecordController {
  constructor(private readonly desk: PrivacyDesk) {}

  @Get()
  @ApiOperation({ summary: 'The processor’s record of processing (GDPR Art. 30)', operationId: 'getProcessingRecord' })
  @ApiOkResponse({ type: ProcessingRecordView })
  @MayAnswer(TenantNotFound)
  @Costs('expensive')
  @RequiresPermission('agreement.read')
  json(@CurrentActor() actor: Actor, @Param('tenant') tenant: string): Promise<ProcessingRecordView> {
    return this.desk.record(actor, tenant);
  }

  @Get('page')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DOCUMENT_POLICY)
  @Header('vary', 'accept-language')
  @ApiOperation({
    summary: 'The same to read and print, in German or English',
    operationId: 'getProcessingRecordPage',
  })
  @ApiOkResponse({ content: { 'text/html': { schema: { type: 'string' } } } })
  @MayAnswer(TenantNotFound, InvalidQuery)
  @Costs('expensive')
  @RequiresPermission('agreement.read')
  async page(
    @CurrentActor() actor: Actor,
    @Param('tenant') tenant: string,
    @Query() { lang }: PageLanguageQuery,
    @Headers('accept-language') wanted: string | undefined,
  ): Promise<string> {
    return processingRecordPage(await this.desk.record(actor, tenant), lang ?? preferredLanguage(wanted));
  }
}
