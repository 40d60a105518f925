import { Body, Controller, Get, Header, HttpCode, Param, Post, StreamableFile } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import {
  ExportHashMismatch,
  ExportNotAvailable,
  ExportNotFound,
  ExportRecipientInvalid,
  ExportReleaseRefused,
  TenantStateWrong,
} from '#libs/tenancy';
import { RequiresPermission, WritesForTenantInPath } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { Costs } from '../limits/costs.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { TenantExportDesk } from './tenant-export-desk.js';
import { ExportDto, ExportListView, ExportView, ReleaseDto } from './tenant-export.dto.js';

@ApiTags('Customers')
@Controller('v1/tenants/:tenant/exports')
export class TenantExportsController {
  constructor(private readonly desk: TenantExportDesk) {}

  @Get()
  @ApiOperation({ summary: 'A customer’s exports', operationId: 'listTenantExports' })
  @ApiOkResponse({ type: ExportListView })
  @MayAnswer(TenantNotFound)
  @RequiresPermission('tenant_export.read')
  list(@CurrentActor() actor: Actor, @Param('tenant') tenant: string): Promise<ExportListView> {
    return this.desk.list(actor, tenant);
  }

  @Post()
  @ApiOperation({
    summary: 'Has everything of a customer’s built as an export, encrypted to the receiver’s key',
    operationId: 'requestTenantExport',
  })
  @ApiCreatedResponse({ type: ExportView })
  @TakesJson()
  @MayAnswer(ExportRecipientInvalid, ExportNotAvailable, TenantStateWrong)
  @Creates()
  @WritesForTenantInPath()
  @Costs('expensive')
  @RequiresPermission('tenant_export.request')
  request(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: ExportDto,
  ): Promise<ExportView> {
    return this.desk.request(writer, call, body);
  }

  @Get(':id')
  @ApiOperation({ summary: 'An export', operationId: 'getTenantExport' })
  @ApiOkResponse({ type: ExportView })
  @MayAnswer(TenantNotFound, InvalidId, ExportNotFound)
  @RequiresPermission('tenant_export.read')
  show(
    @CurrentActor() actor: Actor,
    @Param('tenant') tenant: string,
    @Param('id', IdPipe) id: string,
  ): Promise<ExportView> {
    return this.desk.show(actor, tenant, id);
  }

  @Post(':id/release')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Releases an export for one’s own side; an owner of the MSP and the customer’s administrator both have to',
    operationId: 'releaseTenantExport',
  })
  @ApiOkResponse({ type: ExportView })
  @TakesJson()
  @MayAnswer(InvalidId, ExportNotFound, ExportNotAvailable, ExportHashMismatch, ExportReleaseRefused)
  @WritesForTenantInPath()
  @RequiresPermission('tenant_export.release')
  release(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { hash }: ReleaseDto,
  ): Promise<ExportView> {
    return this.desk.release(writer, id, hash);
  }

  @Get(':id/archive')
  @Header('content-type', 'application/x-tar')
  @Header('content-disposition', 'attachment; filename="handover.tar"')
  @ApiOperation({
    summary: 'The export as a tar archive: manifest, its signature, and files that age decrypts',
    operationId: 'downloadTenantExport',
  })
  @ApiOkResponse({ content: { 'application/x-tar': { schema: { type: 'string', format: 'binary' } } } })
  @MayAnswer(InvalidId, ExportNotFound, ExportNotAvailable)
  @WritesForTenantInPath()
  @Costs('expensive')
  @RequiresPermission('tenant_export.download')
  async download(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<StreamableFile> {
    return new StreamableFile(await this.desk.download(writer, id));
  }
}
