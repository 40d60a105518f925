import { Body, Controller, HttpCode, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { readerOf } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import {
  CsvLinesWrong,
  CsvUnreadable,
  ImportRequests,
  RequestNotTaken,
  TenantNotLive,
  TenantTakesNoRequests,
} from '#libs/requests';
import { Costs } from '../limits/costs.decorator.js';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { CurrentWriter, type Writer } from '../access/caller.js';
import { BodyTooLarge, InvalidQuery, InvalidUtf8, UnsupportedMediaType } from '../http/http.errors.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ImportQuery } from './import.query.js';
import { ImportReportView } from './import.view.js';
import { callOf, readImport } from './read-import.js';

@ApiTags('Requests')
@Controller('v1/requests/import')
export class ImportsController {
  constructor(private readonly imports: ImportRequests) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary:
      'Requests an on-boarding or off-boarding for each line of a CSV file; nothing is taken when a line is wrong',
    operationId: 'importRequests',
  })
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string' }, description: 'UTF-8, separated by `,` or `;`, at most 500 lines.' })
  @ApiAcceptedResponse({ type: ImportReportView })
  @MayAnswer(
    InvalidQuery,
    InvalidUtf8,
    BodyTooLarge,
    UnsupportedMediaType,
    CsvUnreadable,
    CsvLinesWrong,
    RequestNotTaken,
    TenantNotLive,
    TenantTakesNoRequests,
  )
  @Creates()
  @WritesForTenant()
  @Costs('expensive')
  @RequiresPermission('request.submit')
  async import(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Query() query: ImportQuery,
    @Body() file: unknown,
  ): Promise<ImportReportView> {
    const report = await this.imports.execute(
      callOf(call, query),
      readerOf(writer.actor),
      await readImport(file, query),
    );
    return { accepted: [...report.accepted], refused: [...report.refused] };
  }
}
