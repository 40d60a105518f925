import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayUnique, IsArray, IsOptional } from 'class-validator';
import { IsLine, IsText } from '../http/text.decorators.js';

@ApiSchema({ name: 'Reinstate', description: 'A request to take back what a run did.' })
export class ReinstateDto {
  @ApiPropertyOptional({
    type: [String],
    maxItems: 500,
    description: 'Fields (`<step>:<field>`) that others changed since and that shall be brought back all the same.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(500)
  @ArrayUnique()
  @IsLine(1000, { each: true })
  readonly overwrite?: string[];

  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsText(2000)
  readonly reason?: string;
}
