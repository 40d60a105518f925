import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { IdentityProviderRefused, IdentityProviderTaken } from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidQuery } from '../http/http.errors.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { GrantTooPowerful } from '../people/person.errors.js';
import { IdentityProviderDesk } from './identity-provider-desk.js';
import { IdentityProviderDto } from './identity-provider.dto.js';
import { IdentityProviderPageView, IdentityProviderView } from './identity-provider.view.js';
import { NamePipe } from './name.pipe.js';

const NAME = { name: 'name', schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,39}$' } } as const;

@ApiTags('Identity providers')
@Controller('v1/identity-providers')
export class IdentityProvidersController {
  constructor(private readonly providers: IdentityProviderDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists identity providers', operationId: 'listIdentityProviders' })
  @ApiOkResponse({ type: IdentityProviderPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('identity_provider.read')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<IdentityProviderPageView> {
    return this.providers.list(actor, query);
  }

  @Put(':name')
  @ApiOperation({
    summary: 'Saves an identity provider, once its issuer answered',
    description: 'Sessions that came by it end when its client or tenantClaim changes, or it is switched off.',
    operationId: 'putIdentityProvider',
  })
  @ApiParam(NAME)
  @ApiOkResponse({ type: IdentityProviderView })
  @TakesJson()
  @MayAnswer(IdentityProviderRefused, IdentityProviderTaken, GrantTooPowerful)
  @WritesForTenant()
  @RequiresPermission('identity_provider.write')
  put(
    @CurrentWriter() writer: Writer,
    @Param('name', NamePipe) name: string,
    @Body() body: IdentityProviderDto,
  ): Promise<IdentityProviderView> {
    return this.providers.put(writer, name, body);
  }
}
