import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { IdentityNotFound, IdentityProviderNotFound, IdentityTaken, PersonHasIdentity } from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { NamePipe } from '../identity/name.pipe.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { Identities } from './identities.js';
import { IdentityDto } from './identity.dto.js';
import { IdentityListView } from './identity.view.js';
import { tenantOfPerson } from './people.js';
import { PersonActDto } from './person.dto.js';
import { GrantTooPowerful, LastOwner, OwnGrant, PersonClosed, PersonNotFound } from './person.errors.js';

const PROVIDER = { name: 'provider', schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,39}$' } } as const;

@ApiTags('People')
@Controller('v1/people/:id/identities')
export class IdentitiesController {
  constructor(private readonly identities: Identities) {}

  @Get()
  @ApiOperation({ summary: 'Who a person is at identity providers', operationId: 'listPersonIdentities' })
  @ApiOkResponse({ type: IdentityListView })
  @MayAnswer(InvalidId, PersonNotFound)
  @RequiresPermission('person.read')
  list(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<IdentityListView> {
    return this.identities.list(actor, id);
  }

  @Put(':provider')
  @ApiOperation({
    summary: 'Says who a person is at an identity provider, so that they sign in there',
    description:
      'An identity is one person’s; their passkeys and open invitations end with it. Nobody links one to an account that may do more than they may.',
    operationId: 'linkIdentity',
  })
  @ApiParam(PROVIDER)
  @ApiOkResponse({ type: IdentityListView })
  @MayAnswer(InvalidId, PersonNotFound, OwnGrant, PersonClosed, GrantTooPowerful)
  @MayAnswer(IdentityProviderNotFound, IdentityTaken, PersonHasIdentity)
  @TakesJson()
  @WritesForTenantOf(tenantOfPerson)
  @RequiresPermission('person.write')
  link(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Param('provider', NamePipe) provider: string,
    @Body() body: IdentityDto,
  ): Promise<IdentityListView> {
    return this.identities.link(writer, id, provider, body);
  }

  @Delete(':provider')
  @ApiOperation({
    summary: 'Takes a person’s identity away; its sessions and the roles of its groups end',
    operationId: 'unlinkIdentity',
  })
  @ApiParam(PROVIDER)
  @ApiOkResponse({ type: IdentityListView })
  @MayAnswer(InvalidId, PersonNotFound, OwnGrant, GrantTooPowerful)
  @MayAnswer(IdentityProviderNotFound, IdentityNotFound, LastOwner)
  @TakesJson()
  @WritesForTenantOf(tenantOfPerson)
  @RequiresPermission('person.write')
  unlink(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Param('provider', NamePipe) provider: string,
    @Body() { reason }: PersonActDto,
  ): Promise<IdentityListView> {
    return this.identities.unlink(writer, id, provider, reason);
  }
}
