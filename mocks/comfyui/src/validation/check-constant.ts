/** Checks one constant input: conversion, limits, choice lists. `step` is never checked, as on the real server. */
import type { InputConfig } from '../nodes/catalog.ts'
import { PythonError, pythonRepr, pythonText } from '../python-error.ts'
import { coerce, numberOf } from './coerce.ts'
import type { InputError } from './failure.ts'

/** Above this many options the list is left out of the error (golden 05). */
const optionsShownMax = 20

/** Result of a check: the converted value, or what is wrong with it. */
export type ConstantCheck = { readonly value: unknown; readonly error?: InputError }

/** Converts and checks `received` for the input `name`. With `convertOnly` limits and choices are not looked at. */
export function checkConstant(
  name: string,
  config: InputConfig,
  received: unknown,
  convertOnly: boolean,
): ConstantCheck {
  const [type, details = {}] = config
  let value: unknown
  try {
    value = coerce(type, unwrapList(received))
  } catch (error) {
    if (!(error instanceof PythonError)) throw error
    return { value: received, error: conversionError(name, config, received, error.message) }
  }
  if (convertOnly) return { value }
  const error = limitError(name, config, value) ?? choiceError(name, type, details, config, value)
  return error === undefined ? { value } : { value, error }
}

/** `{"__value__": [...]}` is how a client sends a list that is not a link. */
function unwrapList(value: unknown): unknown {
  return typeof value === 'object' && value !== null && '__value__' in value ? value.__value__ : value
}

function conversionError(name: string, config: InputConfig, received: unknown, reason: string): InputError {
  return {
    type: 'invalid_input_type',
    message: `Failed to convert an input value to a ${pythonText(config[0])} value`,
    details: `${name}, ${pythonText(received)}, ${reason}`,
    extra_info: {
      input_name: name,
      input_config: config,
      received_value: received,
      exception_message: reason,
    },
  }
}

function limitError(name: string, config: InputConfig, value: unknown): InputError | undefined {
  const number = numberOf(value)
  const min = numberOf(config[1]?.['min'])
  const max = numberOf(config[1]?.['max'])
  if (number === undefined) return undefined
  const extra = { input_name: name, input_config: config, received_value: value }
  if (min !== undefined && number < min) {
    const message = `Value ${pythonText(value)} smaller than min of ${pythonText(config[1]?.['min'])}`
    return { type: 'value_smaller_than_min', message, details: name, extra_info: extra }
  }
  if (max !== undefined && number > max) {
    const message = `Value ${pythonText(value)} bigger than max of ${pythonText(config[1]?.['max'])}`
    return { type: 'value_bigger_than_max', message, details: name, extra_info: extra }
  }
  return undefined
}

function choiceError(
  name: string,
  type: InputConfig[0],
  details: Readonly<Record<string, unknown>>,
  config: InputConfig,
  value: unknown,
): InputError | undefined {
  const options = Array.isArray(type) ? type : type === 'COMBO' ? details['options'] : undefined
  if (!Array.isArray(options) || options.includes(value)) return undefined
  const isLong = options.length > optionsShownMax
  const list = isLong ? `(list of length ${options.length})` : pythonRepr(options)
  return {
    type: 'value_not_in_list',
    message: 'Value not in list',
    details: `${name}: '${pythonText(value)}' not in ${list}`,
    extra_info: { input_name: name, input_config: isLong ? null : config, received_value: value },
  }
}
