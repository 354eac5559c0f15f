// What is said where one type of a function is missing, in any language: that of a parameter, or of what it
// returns.

/** `{parameter}` and its `{type}`. */
export const parameterPhrasings = [
  "Annotate {parameter} as {type}.",
  "Annotate the parameter {parameter} as `{type}`.",
  "Add the type hint {type} to {parameter}.",
  "Add a type hint to {parameter}: {type}.",
  "Add the type of {parameter}, {type}.",
  "Give {parameter} the type {type}.",
  "Type {parameter} as {type}.",
  "Hint that {parameter} is {type}.",
  "{parameter} is of type {type}, annotate it.",
  "{parameter} should be annotated as {type}.",
  "{parameter} has no type hint, it is {type}.",
  "In {name}, the type of {parameter} is missing: {type}.",
];

export const resultPhrasings = [
  "Add the return type.",
  "Add the return type to {name}.",
  "Add a return type hint.",
  "Add a return annotation to {name}.",
  "Annotate the return type.",
  "Annotate what {name} returns.",
  "Annotate the result of {name}.",
  "Give {name} a return type.",
  "The return type is missing.",
  "{name} lacks a return type.",
  "Type the return value of {name}.",
  "Write the return type of {name}.",
];

/** Where the code does not tell. */
export const toldResultPhrasings = [
  "Add the return type {returns}.",
  "Add the return type {returns} to {name}.",
  "Annotate {name} as returning {returns}.",
  "Annotate the result of {name} as {returns}.",
  "Annotate that it returns {returns}.",
  "Give {name} the return type {returns}.",
  "The return type should be {returns}.",
  "The return type is missing, it is {returns}.",
  "{name} returns {returns}, annotate that.",
  "Set the return type of {name} to {returns}.",
  "Type the return value as {returns}.",
  "Hint that {name} returns {returns}.",
];
