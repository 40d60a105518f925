import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { KeyRingUnavailable } from '#libs/platform/secrets';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidQuery, RequestInvalid } from '../http/http.errors.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { SecretDesk } from './secret-desk.js';
import { SecretNamePipe, SECRET_NAME } from './secret-name.pipe.js';
import { SecretDto } from './secret.dto.js';
import { SecretNotFound } from './secret.errors.js';
import { SecretNamePageView, SecretNameView } from './secret.view.js';

const NAME = { name: 'name', schema: { type: 'string', pattern: SECRET_NAME } } as const;

@ApiTags('Secrets')
@Controller('v1/secrets')
export class SecretsController {
  constructor(private readonly secrets: SecretDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists the names of secrets, never a value', operationId: 'listSecrets' })
  @ApiOkResponse({ type: SecretNamePageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('secret.read_names')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<SecretNamePageView> {
    return this.secrets.list(actor, query);
  }

  @Put(':name')
  @ApiOperation({ summary: 'Sets a secret; nobody can read it back', operationId: 'putSecret' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: SecretNameView })
  @MayAnswer(KeyRingUnavailable)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('secret.write')
  put(
    @CurrentWriter() writer: Writer,
    @Param('name', SecretNamePipe) name: string,
    @Body() body: SecretDto,
  ): Promise<SecretNameView> {
    return this.secrets.put(writer, name, body.value);
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes a secret away for good', operationId: 'deleteSecret' })
  @ApiParam(NAME)
  @ApiNoContentResponse()
  @MayAnswer(SecretNotFound, RequestInvalid)
  @WritesForTenant()
  @RequiresPermission('secret.write')
  remove(@CurrentWriter() writer: Writer, @Param('name', SecretNamePipe) name: string): Promise<void> {
    return this.secrets.remove(writer, name);
  }
}
