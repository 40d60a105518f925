import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { ProtectedAccountNotFound } from '#libs/requests';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidQuery, RequestInvalid } from '../http/http.errors.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ProtectionDto } from './protected-account.dto.js';
import { ProtectedAccountPageView, ProtectedAccountView } from './protected-account.view.js';
import { ProtectedAccounts } from './protected-accounts.js';
import { UserNamePipe } from './user-name.pipe.js';

const USER = { name: 'user', description: 'The login name, whatever its case.', schema: { type: 'string' } } as const;

@ApiTags('Protected accounts')
@Controller('v1/protected-accounts')
export class ProtectedAccountsController {
  constructor(private readonly accounts: ProtectedAccounts) {}

  @Get()
  @ApiOperation({ summary: 'Lists protected accounts', operationId: 'listProtectedAccounts' })
  @ApiOkResponse({ type: ProtectedAccountPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('protected_account.read')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<ProtectedAccountPageView> {
    return this.accounts.list(actor, query);
  }

  @Put(':user')
  @ApiOperation({ summary: 'Protects an account, or changes how', operationId: 'putProtectedAccount' })
  @ApiParam(USER)
  @ApiOkResponse({ type: ProtectedAccountView })
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('protected_account.write')
  put(
    @CurrentWriter() writer: Writer,
    @Param('user', UserNamePipe) user: string,
    @Body() body: ProtectionDto,
  ): Promise<ProtectedAccountView> {
    return this.accounts.put(writer, user, body);
  }

  @Delete(':user')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes an account’s protection away', operationId: 'deleteProtectedAccount' })
  @ApiParam(USER)
  @ApiNoContentResponse()
  @MayAnswer(ProtectedAccountNotFound, RequestInvalid)
  @WritesForTenant()
  @RequiresPermission('protected_account.write')
  remove(@CurrentWriter() writer: Writer, @Param('user', UserNamePipe) user: string): Promise<void> {
    return this.accounts.remove(writer, user);
  }
}
