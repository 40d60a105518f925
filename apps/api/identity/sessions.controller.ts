import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { SessionNotFound } from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesAboutSelf, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { PersonNotFound } from '../people/person.errors.js';
import { SessionDesk, tenantOfPerson } from './session-desk.js';
import { SessionListView } from './session.view.js';

const ID = { name: 'id', schema: { type: 'string', format: 'uuid' } } as const;
const SESSION = { name: 'session', schema: { type: 'string', format: 'uuid' } } as const;

@ApiTags('Sessions')
@Controller('v1')
export class SessionsController {
  constructor(private readonly sessions: SessionDesk) {}

  @Get('sessions')
  @ApiOperation({ summary: 'Lists your sessions', operationId: 'listOwnSessions' })
  @ApiOkResponse({ type: SessionListView })
  @RequiresPermission('account.own')
  listOwn(@CurrentActor() actor: Actor): Promise<SessionListView> {
    return this.sessions.listOwn(actor);
  }

  @Delete('sessions')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends all your sessions at once, this one too', operationId: 'endOwnSessions' })
  @ApiNoContentResponse()
  @WritesAboutSelf()
  @RequiresPermission('account.own')
  endAllOwn(@CurrentWriter() writer: Writer): Promise<void> {
    return this.sessions.endAllOwn(writer);
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends one of your sessions', operationId: 'endOwnSession' })
  @ApiParam(ID)
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, SessionNotFound)
  @WritesAboutSelf()
  @RequiresPermission('account.own')
  endOwn(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.sessions.endOwn(writer, id);
  }

  @Get('people/:id/sessions')
  @ApiOperation({ summary: 'Lists a person’s sessions', operationId: 'listPersonSessions' })
  @ApiParam(ID)
  @ApiOkResponse({ type: SessionListView })
  @MayAnswer(InvalidId, PersonNotFound)
  @RequiresPermission('session.read')
  listOf(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<SessionListView> {
    return this.sessions.listOf(actor, id);
  }

  @Delete('people/:id/sessions')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends all sessions of a person at once', operationId: 'endPersonSessions' })
  @ApiParam(ID)
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, PersonNotFound)
  @WritesForTenantOf(tenantOfPerson)
  @RequiresPermission('session.revoke')
  endAllOf(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.sessions.endAllOf(writer, id);
  }

  @Delete('people/:id/sessions/:session')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends one session of a person', operationId: 'endPersonSession' })
  @ApiParam(ID)
  @ApiParam(SESSION)
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, PersonNotFound, SessionNotFound)
  @WritesForTenantOf(tenantOfPerson)
  @RequiresPermission('session.revoke')
  endOf(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Param('session', IdPipe) session: string,
  ): Promise<void> {
    return this.sessions.endOf(writer, id, session);
  }
}
