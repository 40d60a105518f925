import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { PolicyInvalid, PolicyProcessUnknown, PolicyVersionNotFound } from '#libs/approvals';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidQuery } from '../http/http.errors.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { TemplateQuery } from '../templates/template.view.js';
import { ApprovalPolicies } from './policies.js';
import { PoliciesView, POLICY_NAMES, PolicyListQuery, PolicyView } from './policy.view.js';

const PROCESS = { name: 'process', enum: POLICY_NAMES } as const;

@ApiTags('Approvals')
@Controller('v1/approval-policies')
export class PoliciesController {
  constructor(private readonly policies: ApprovalPolicies) {}

  @Get()
  @ApiOperation({ summary: 'Lists who has to approve what, the newest versions', operationId: 'listApprovalPolicies' })
  @ApiOkResponse({ type: PoliciesView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('approval_policy.read')
  list(@CurrentActor() actor: Actor, @Query() { tenant }: PolicyListQuery): Promise<PoliciesView> {
    return this.policies.list(actor, tenant);
  }

  @Get(':process/schema')
  @ApiOperation({ summary: 'Shows the JSON Schema of policies', operationId: 'getApprovalPolicySchema' })
  @ApiParam(PROCESS)
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  @MayAnswer(PolicyProcessUnknown)
  @RequiresPermission('approval_policy.read')
  schema(@Param('process') process: string): object {
    return this.policies.schema(process);
  }

  @Get(':process')
  @ApiOperation({ summary: 'Shows who has to approve a process', operationId: 'getApprovalPolicy' })
  @ApiParam(PROCESS)
  @ApiOkResponse({ type: PolicyView })
  @MayAnswer(InvalidQuery, PolicyProcessUnknown, PolicyVersionNotFound)
  @WritesForTenant()
  @RequiresPermission('approval_policy.read')
  get(
    @CurrentWriter() { tenant }: Writer,
    @Param('process') process: string,
    @Query() { version }: TemplateQuery,
  ): Promise<PolicyView> {
    return this.policies.one(tenant, process, version);
  }

  @Put(':process')
  @ApiOperation({ summary: 'Saves the next version of a policy', operationId: 'putApprovalPolicy' })
  @ApiParam(PROCESS)
  @ApiBody({ schema: { type: 'object', additionalProperties: true } })
  @ApiOkResponse({ type: PolicyView })
  @MayAnswer(PolicyProcessUnknown, PolicyInvalid)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('approval_policy.write')
  put(
    @CurrentWriter() writer: Writer,
    @Param('process') process: string,
    @Body() policy: unknown,
  ): Promise<PolicyView> {
    return this.policies.save(writer, process, policy);
  }
}
