import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission } from '../access/access.decorators.js';
import { CurrentActor } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { RunNotFound } from '../runs/run.errors.js';
import { HandOversView } from './hand-over.view.js';
import { ListHandOvers } from './list-hand-overs.js';

@ApiTags('Runs')
@Controller('v1/runs/:id/hand-overs')
export class HandOversController {
  constructor(private readonly handOvers: ListHandOvers) {}

  @Get()
  @ApiOperation({ summary: 'Shows how the one-time links of a run stand', operationId: 'listHandOvers' })
  @ApiOkResponse({ type: HandOversView })
  @MayAnswer(InvalidId, RunNotFound)
  @RequiresPermission('run.read')
  list(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<HandOversView> {
    return this.handOvers.execute(actor, id);
  }
}
