import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor } from '../access/caller.js';
import { InvalidCursor, InvalidQuery } from '../http/http.errors.js';
import { Costs } from '../limits/costs.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { AuditExportQuery, AuditListQuery } from './audit.query.js';
import { AuditPageView } from './audit.view.js';
import { ExportAudit } from './export-audit.js';
import { ListAudit } from './list-audit.js';

const NDJSON = 'application/x-ndjson; charset=utf-8';

@ApiTags('Audit')
@Controller('v1/audit')
export class AuditController {
  constructor(
    private readonly listAudit: ListAudit,
    private readonly exportAudit: ExportAudit,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Who did what, the newest first', operationId: 'listAudit' })
  @ApiOkResponse({ type: AuditPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('audit.read')
  list(@CurrentActor() actor: Actor, @Query() query: AuditListQuery): Promise<AuditPageView> {
    return this.listAudit.execute(actor, query);
  }

  @Get('export')
  @ApiOperation({
    summary: 'The audit as lines of JSON, with its hashes and anchors',
    description:
      'Per tenant in the order of its chain, then what is not chained yet; the last line is `{"type":"end"}`. How the hashes are computed stands in the operating guide.',
    operationId: 'exportAudit',
  })
  @ApiOkResponse({ content: { 'application/x-ndjson': { schema: { type: 'string' } } } })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @Costs('expensive')
  @RequiresPermission('audit.read')
  async export(@CurrentActor() actor: Actor, @Query() query: AuditExportQuery): Promise<StreamableFile> {
    return new StreamableFile(await this.exportAudit.execute(actor, query), { type: NDJSON });
  }
}
