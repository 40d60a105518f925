import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { IdentityProviderNotFound, MachineClientRefused } from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { ApiKeyTooPowerful } from '../api-keys/api-key.errors.js';
import { InvalidCursor, InvalidQuery } from '../http/http.errors.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { MachineClientDesk } from './machine-client-desk.js';
import { MachineClientDto } from './machine-client.dto.js';
import { MachineClientPageView, MachineClientView } from './machine-client.view.js';
import { NamePipe } from './name.pipe.js';

const NAME = { name: 'name', schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,39}$' } } as const;

@ApiTags('Machine clients')
@Controller('v1/machine-clients')
export class MachineClientsController {
  constructor(private readonly machines: MachineClientDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists programs that issuers vouch for', operationId: 'listMachineClients' })
  @ApiOkResponse({ type: MachineClientPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('machine_client.read')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<MachineClientPageView> {
    return this.machines.list(actor, query);
  }

  @Put(':name')
  @ApiOperation({ summary: 'Enters a program that an issuer vouches for', operationId: 'putMachineClient' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: MachineClientView })
  @TakesJson()
  @MayAnswer(MachineClientRefused, IdentityProviderNotFound, ApiKeyTooPowerful)
  @WritesForTenant()
  @RequiresPermission('machine_client.write')
  put(
    @CurrentWriter() writer: Writer,
    @Param('name', NamePipe) name: string,
    @Body() body: MachineClientDto,
  ): Promise<MachineClientView> {
    return this.machines.put(writer, name, body);
  }
}
