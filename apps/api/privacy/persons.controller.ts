import { Body, Controller, Header, Headers, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CallKey } from '#libs/platform/idempotency';
import { PersonNamesInvalid, PersonStillNeeded } from '#libs/tenancy';
import { RequiresPermission, WritesForTenantInPath } from '../access/access.decorators.js';
import { CurrentWriter, type Writer } from '../access/caller.js';
import { preferredLanguage } from '../http/html.js';
import { InvalidQuery } from '../http/http.errors.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { Costs } from '../limits/costs.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { personDataPage } from './person-data.page.js';
import { PrivacyDesk } from './privacy-desk.js';
import { DOCUMENT_POLICY } from './privacy-document.page.js';
import { ErasureDto, PageLanguageQuery, PersonDto } from './privacy.dto.js';
import { PersonDataView, PersonErasureView } from './privacy.view.js';

@ApiTags('Privacy')
@Controller('v1/tenants/:tenant')
export class PersonsController {
  constructor(private readonly desk: PrivacyDesk) {}

  @Post('person-data')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Everything that is known of a person (GDPR Art. 15, 20)',
    description: 'A POST, so that no name stands in an address. That somebody asked goes on record.',
    operationId: 'exportPerson',
  })
  @ApiOkResponse({ type: PersonDataView })
  @TakesJson()
  @MayAnswer(PersonNamesInvalid)
  @WritesForTenantInPath()
  @Costs('expensive')
  @RequiresPermission('person_data.export')
  json(@CurrentWriter() writer: Writer, @Body() body: PersonDto): Promise<PersonDataView> {
    return this.desk.export(writer, body);
  }

  @Post('person-data/page')
  @HttpCode(200)
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DOCUMENT_POLICY)
  @Header('vary', 'accept-language')
  @ApiOperation({ summary: 'The same to read and print, in German or English', operationId: 'exportPersonPage' })
  @ApiOkResponse({ content: { 'text/html': { schema: { type: 'string' } } } })
  @TakesJson()
  @MayAnswer(PersonNamesInvalid, InvalidQuery)
  @WritesForTenantInPath()
  @Costs('expensive')
  @RequiresPermission('person_data.export')
  async page(
    @CurrentWriter() writer: Writer,
    @Body() body: PersonDto,
    @Query() { lang }: PageLanguageQuery,
    @Headers('accept-language') wanted: string | undefined,
  ): Promise<string> {
    return personDataPage(await this.desk.export(writer, body), lang ?? preferredLanguage(wanted));
  }

  @Post('person-erasures')
  @ApiOperation({
    summary: 'Replaces a person by a pseudonym in everything, the audit included (GDPR Art. 17)',
    description:
      'Refused while an open process, an account or key that lets in, an alarm that they are told of, or a legal hold needs the person.',
    operationId: 'erasePerson',
  })
  @ApiCreatedResponse({ type: PersonErasureView })
  @TakesJson()
  @MayAnswer(PersonNamesInvalid, PersonStillNeeded)
  @Creates()
  @WritesForTenantInPath()
  @Costs('expensive')
  @RequiresPermission('person_data.erase')
  erase(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: ErasureDto,
  ): Promise<PersonErasureView> {
    return this.desk.erase(writer, call, body);
  }
}
