import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ErasureAskedAlready,
  ErasureHeld,
  OffboardingNotFound,
  OffboardingStateWrong,
  SecondOwnerNeeded,
} from '#libs/tenancy';
import { RequiresPermission, WritesForTenantInPath } from '../access/access.decorators.js';
import { CurrentWriter, type Writer } from '../access/caller.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ReasonDto } from '../tenants/tenant.dto.js';
import { ErasureDesk } from './erasure-desk.js';
import { OffboardingView } from './offboarding.view.js';

@ApiTags('Customers')
@Controller('v1/tenants/:tenant/offboarding/erasure')
export class ErasureOrdersController {
  constructor(private readonly desk: ErasureDesk) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Asks that everything of the customer be erased, once its retention is over; a second owner has to confirm it',
    operationId: 'requestCustomerErasure',
  })
  @ApiOkResponse({ type: OffboardingView })
  @TakesJson()
  @MayAnswer(OffboardingNotFound, OffboardingStateWrong, ErasureAskedAlready, ErasureHeld)
  @WritesForTenantInPath()
  @RequiresPermission('tenant_offboarding.decide')
  request(@CurrentWriter() writer: Writer, @Body() { reason }: ReasonDto): Promise<OffboardingView> {
    return this.desk.request(writer, reason);
  }

  @Post('confirm')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Has everything of the customer erased, as the second owner: nobody goes back from here',
    operationId: 'confirmCustomerErasure',
  })
  @ApiOkResponse({ type: OffboardingView })
  @MayAnswer(OffboardingNotFound, OffboardingStateWrong, ErasureHeld, SecondOwnerNeeded)
  @WritesForTenantInPath()
  @RequiresPermission('tenant_offboarding.decide')
  confirm(@CurrentWriter() writer: Writer): Promise<OffboardingView> {
    return this.desk.confirm(writer);
  }

  @Post('withdraw')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Takes back that the customer is to be erased, until it begins; the word of both owners goes with it',
    operationId: 'withdrawCustomerErasure',
  })
  @ApiOkResponse({ type: OffboardingView })
  @TakesJson()
  @MayAnswer(OffboardingNotFound, OffboardingStateWrong)
  @WritesForTenantInPath()
  @RequiresPermission('tenant_offboarding.decide')
  withdraw(@CurrentWriter() writer: Writer, @Body() { reason }: ReasonDto): Promise<OffboardingView> {
    return this.desk.withdraw(writer, reason);
  }
}
