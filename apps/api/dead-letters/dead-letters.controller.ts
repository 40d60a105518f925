import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { DeadLetterAlreadyReplayed, DeadLetterNotFound } from './dead-letter.errors.js';
import { DeadLetterListQuery } from './dead-letter.queries.js';
import { DeadLetterPageView, ReplayedView } from './dead-letter.view.js';
import { ListDeadLetters } from './list-dead-letters.js';
import { ReplayDeadLetter, tenantOfLetter } from './replay-dead-letter.js';

@ApiTags('Dead letters')
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly listDeadLetters: ListDeadLetters,
    private readonly replayDeadLetter: ReplayDeadLetter,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists dead letters, the newest first', operationId: 'listDeadLetters' })
  @ApiOkResponse({ type: DeadLetterPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('dead_letter.read')
  list(@CurrentActor() actor: Actor, @Query() query: DeadLetterListQuery): Promise<DeadLetterPageView> {
    return this.listDeadLetters.execute(actor, query);
  }

  @Post(':id/replay')
  @HttpCode(202)
  @ApiOperation({ summary: 'Sends a dead letter again, as it was', operationId: 'replayDeadLetter' })
  @ApiAcceptedResponse({ type: ReplayedView })
  @MayAnswer(InvalidId, DeadLetterNotFound, DeadLetterAlreadyReplayed)
  @WritesForTenantOf(tenantOfLetter)
  @RequiresPermission('dead_letter.replay')
  replay(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<ReplayedView> {
    return this.replayDeadLetter.execute(writer, id);
  }
}
