import type { ConfigDocument } from '../format/config-document.js';

type Optimizer = NonNullable<ConfigDocument['optimizer']>;

/** Why the process would refuse the section `optimizer`. */
export function optimizerProblem(optimizer: Optimizer): string | undefined {
  const { maxToolsToReturn: max, embeddingProvider: provider = 'tei' } = optimizer;
  if (max !== undefined && (max < 1 || max > 50)) {
    return `optimizer.maxToolsToReturn must be between 1 and 50, got ${max}`;
  }
  return (
    ratioProblem('hybridSearchSemanticRatio', optimizer.hybridSearchSemanticRatio, 1) ??
    ratioProblem('semanticDistanceThreshold', optimizer.semanticDistanceThreshold, 2) ??
    providerProblem(provider, optimizer)
  );
}

function ratioProblem(field: string, text: string | undefined, max: number): string | undefined {
  const value = Number(text ?? 0);
  if (Number.isNaN(value)) return `optimizer.${field} must be a valid number: ${JSON.stringify(text)}`;
  return value < 0 || value > max ? `optimizer.${field} must be between 0.0 and ${max}.0, got ${text}` : undefined;
}

function providerProblem(provider: string, optimizer: Optimizer): string | undefined {
  switch (provider) {
    case 'tei':
      return optimizer.embeddingHeaders === undefined
        ? undefined
        : 'optimizer.embeddingHeaders is only supported when optimizer.embeddingProvider is "openai"';
    case 'openai':
      for (const field of ['embeddingService', 'embeddingModel'] as const) {
        if (!optimizer[field]) return `optimizer.${field} is required when optimizer.embeddingProvider is "openai"`;
      }
      return undefined;
    default:
      return `optimizer.embeddingProvider must be "tei" or "openai", got ${JSON.stringify(provider)}`;
  }
}
