import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { People, tenantOfPerson } from './people.js';
import { NewGrantDto, PersonActDto } from './person.dto.js';
import {
  GrantByClaim,
  GrantNotFound,
  GrantTooPowerful,
  LastOwner,
  OwnGrant,
  PersonClosed,
  PersonNotFound,
} from './person.errors.js';
import { PersonPageView, PersonView } from './person.view.js';

@ApiTags('People')
@Controller('v1/people')
export class PeopleController {
  constructor(private readonly people: People) {}

  @Get()
  @ApiOperation({ summary: 'Lists people with their roles, the newest first', operationId: 'listPeople' })
  @ApiOkResponse({ type: PersonPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('person.read')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<PersonPageView> {
    return this.people.list(actor, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows a person with their roles', operationId: 'getPerson' })
  @ApiOkResponse({ type: PersonView })
  @MayAnswer(InvalidId, PersonNotFound)
  @RequiresPermission('person.read')
  one(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<PersonView> {
    return this.people.one(actor, id);
  }

  @Post(':id/grants')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives a role; one that is there already stays', operationId: 'giveGrant' })
  @ApiOkResponse({ type: PersonView })
  @MayAnswer(InvalidId, PersonNotFound, OwnGrant, PersonClosed, GrantTooPowerful)
  @TakesJson()
  @WritesForTenantOf(tenantOfPerson)
  @RequiresPermission('person.write')
  grant(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: NewGrantDto,
  ): Promise<PersonView> {
    return this.people.grant(writer, id, body);
  }

  @Delete(':id/grants/:grantId')
  @ApiOperation({ summary: 'Ends a role that somebody gave', operationId: 'endGrant' })
  @ApiOkResponse({ type: PersonView })
  @MayAnswer(InvalidId, PersonNotFound, OwnGrant, GrantNotFound, GrantByClaim, GrantTooPowerful, LastOwner)
  @TakesJson()
  @WritesForTenantOf(tenantOfPerson)
  @RequiresPermission('person.write')
  endGrant(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Param('grantId', IdPipe) grantId: string,
    @Body() { reason }: PersonActDto,
  ): Promise<PersonView> {
    return this.people.endGrant(writer, id, grantId, reason);
  }

  @Post(':id/lock')
  @HttpCode(200)
  @ApiOperation({ summary: 'Keeps a person out at once', operationId: 'lockPerson' })
  @ApiOkResponse({ type: PersonView })
  @MayAnswer(InvalidId, PersonNotFound, OwnGrant, PersonClosed, GrantTooPowerful, LastOwner)
  @TakesJson()
  @WritesForTenantOf(tenantOfPerson)
  @RequiresPermission('person.write')
  lock(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: PersonActDto,
  ): Promise<PersonView> {
    return this.people.setStatus(writer, id, 'locked', reason);
  }

  @Post(':id/unlock')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lets a locked person in again', operationId: 'unlockPerson' })
  @ApiOkResponse({ type: PersonView })
  @MayAnswer(InvalidId, PersonNotFound, OwnGrant, PersonClosed, GrantTooPowerful)
  @TakesJson()
  @WritesForTenantOf(tenantOfPerson)
  @RequiresPermission('person.write')
  unlock(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: PersonActDto,
  ): Promise<PersonView> {
    return this.people.setStatus(writer, id, 'active', reason);
  }

  @Post(':id/close')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Closes a person’s access for good',
    description:
      'Sessions, passkeys, open invitations, roles, keys that are theirs or that they made, delegations and links to their address end at once, at every customer. Nothing opens it again: who comes back is invited anew. The person can be erased then.',
    operationId: 'closePerson',
  })
  @ApiOkResponse({ type: PersonView })
  @MayAnswer(InvalidId, PersonNotFound, OwnGrant, GrantTooPowerful, LastOwner)
  @TakesJson()
  @WritesForTenantOf(tenantOfPerson)
  @RequiresPermission('person.close')
  close(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: PersonActDto,
  ): Promise<PersonView> {
    return this.people.close(writer, id, reason);
  }
}
