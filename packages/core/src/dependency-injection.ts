// tsyringe refuses to load before the reflect polyfill; whoever needs it takes it from here.
import 'reflect-metadata';

export { container, inject, injectable, injectAll } from 'tsyringe';
export type { DependencyContainer, InjectionToken } from 'tsyringe';
