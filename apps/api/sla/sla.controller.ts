import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CALENDAR_ERRORS, EndBeforeStart, ProportionalWithoutTarget, TargetOutOfReach } from '#libs/sla';
import { RequiresPermission } from '../access/access.decorators.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { PreviewDto } from './preview.dto.js';
import { previewSla } from './preview-sla.js';
import { PreviewView } from './preview.view.js';

@ApiTags('Service levels')
@Controller('v1/sla')
export class SlaController {
  @Post('preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Computes the clock of any case, without a ticket', operationId: 'previewSla' })
  @ApiOkResponse({ type: PreviewView })
  @MayAnswer(...CALENDAR_ERRORS, EndBeforeStart, ProportionalWithoutTarget, TargetOutOfReach)
  @TakesJson()
  @RequiresPermission('sla.preview')
  preview(@Body() body: PreviewDto): PreviewView {
    return previewSla(body);
  }
}
