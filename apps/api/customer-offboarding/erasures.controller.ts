import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission } from '../access/access.decorators.js';
import { CurrentActor } from '../access/caller.js';
import { ErasureListView } from './erasure.view.js';
import { Erasures } from './erasures.js';

@ApiTags('Customers')
@Controller('v1/erasures')
export class ErasuresController {
  constructor(private readonly erasures: Erasures) {}

  @Get()
  @ApiOperation({
    summary: 'Customers that were erased: who said so, how many rows of which table, and what the law keeps until when',
    operationId: 'listCustomerErasures',
  })
  @ApiOkResponse({ type: ErasureListView })
  @RequiresPermission('tenant_erasure.read')
  list(@CurrentActor() actor: Actor): Promise<ErasureListView> {
    return this.erasures.list(actor);
  }
}
