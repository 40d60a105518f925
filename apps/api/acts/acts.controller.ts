import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CallKey } from '#libs/platform/idempotency';
import { RequestNotFound, TimeNonexistent, TimePast, TimeTooFar } from '#libs/requests';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { tenantOfRequest } from '../requests/decide-plan.js';
import { ActDto, ActView } from './act.dto.js';
import { ActNotPossible, ActStepUnknown, ActTimeMissing, LeaverCannotAct, VerifiedCallMissing } from './act.errors.js';
import { GiveAct } from './give-act.js';

@ApiTags('Requests')
@Controller('v1/requests')
export class ActsController {
  constructor(private readonly giveAct: GiveAct) {}

  @Post(':id/acts')
  @HttpCode(200)
  @ApiOperation({ summary: 'Intervenes in a request or its run; final once answered', operationId: 'giveAct' })
  @ApiOkResponse({ type: ActView })
  @MayAnswer(InvalidId, RequestNotFound, LeaverCannotAct, ActNotPossible, ActStepUnknown)
  @MayAnswer(ActTimeMissing, VerifiedCallMissing)
  @MayAnswer(TimePast, TimeNonexistent, TimeTooFar)
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfRequest)
  @RequiresPermission('act.give')
  give(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: ActDto,
  ): Promise<ActView> {
    return this.giveAct.execute(call, writer, id, body);
  }
}
