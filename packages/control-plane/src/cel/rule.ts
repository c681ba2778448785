import type { Schema, ValidationRule } from '../schema/schema.js';
import { CelCompileError, CelConstantError } from './cel-error.js';
import { celEngine, type CelProgram } from './engine.js';
import { rulePath } from './rule-path.js';
import { optionalOf, type CelType } from './types.js';

/** A rule of a schema, compiled: either its program, or what is wrong with it. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program?: CelProgram;
  /** Why there is no program, as it is reported for the rule's `rule`. */
  readonly problem?: string;
  readonly message?: CelProgram;
  /** What is wrong with `messageExpression`. */
  readonly messageProblem?: string;
  /** The path of `fieldPath`, in the API server's notation; empty when there is none or it is wrong. */
  readonly fieldPath: string;
  readonly usesOldSelf: boolean;
}

/** @param type - The type of `self`; undefined when the schema has none that rules can see. */
export function compileRule(rule: ValidationRule, schema: Schema, type: CelType | undefined): CompiledRule {
  const base = { rule, fieldPath: rulePath(rule.fieldPath ?? '', schema)?.path ?? '', usesOldSelf: false };
  if (rule.rule.trim() === '') {
    return base;
  }
  if (type === undefined) {
    return { ...base, problem: 'failed to convert to declType for CEL validation rules' };
  }
  const variables = { self: type, oldSelf: rule.optionalOldSelf === true ? optionalOf(type) : type };
  const compiled = compile(rule.rule, variables, 'compilation', 'program instantiation');
  if ('problem' in compiled) {
    return { ...base, problem: compiled.problem };
  }
  const { program } = compiled;
  if (program.type.kind !== 'bool') {
    return { ...base, problem: 'cel expression must evaluate to a bool' };
  }
  return {
    ...base,
    program,
    usesOldSelf: program.uses('oldSelf'),
    ...(rule.messageExpression ? compileMessage(rule.messageExpression, variables) : {}),
  };
}

function compileMessage(
  expression: string,
  variables: Readonly<Record<string, CelType>>,
): Pick<CompiledRule, 'message' | 'messageProblem'> {
  const compiled = compile(expression, variables, 'messageExpression compilation', 'messageExpression instantiation');
  if ('problem' in compiled) {
    return { messageProblem: compiled.problem };
  }
  return compiled.program.type.kind === 'string'
    ? { message: compiled.program }
    : { messageProblem: 'messageExpression must evaluate to a string' };
}

type Compilation = { readonly program: CelProgram } | { readonly problem: string };

/** @param compilation - What to call the step that failed, and likewise for constants that cannot be evaluated. */
function compile(
  expression: string,
  variables: Readonly<Record<string, CelType>>,
  compilation: string,
  instantiation: string,
): Compilation {
  try {
    return { program: celEngine.compile(expression, variables) };
  } catch (error) {
    if (error instanceof CelCompileError) {
      return { problem: `${compilation} failed: ${error.message}` };
    }
    if (error instanceof CelConstantError) {
      return { problem: `${instantiation} failed: ${error.message}` };
    }
    throw error;
  }
}
