// Where an identifier is a definition, where it is none of the text's own names, and where it inherits
// what the node above it is. Everywhere else it is a reference.

export type Role = "defines" | "refers" | "foreign";

export interface NameRules {
  /** Node types that are names. */
  readonly names: RegExp;
  /** Roles by "parent.field", or by "parent" for all its children. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Nodes that hand their own role on: patterns. */
  readonly inherits: RegExp;
  /** Whether what is used and not defined can be told. */
  readonly resolves: boolean;
}

function roles(defines: string, foreign: string, refers = ""): Map<string, Role> {
  const words = (list: string) => list.split(/\s+/).filter((word) => word !== "");
  return new Map<string, Role>([
    ...words(defines).map((key): [string, Role] => [key, "defines"]),
    ...words(foreign).map((key): [string, Role] => [key, "foreign"]),
    ...words(refers).map((key): [string, Role] => [key, "refers"]),
  ]);
}

const python: NameRules = {
  names: /^identifier$/,
  roles: roles(
    `function_definition.name class_definition.name parameters lambda_parameters
    default_parameter.name typed_default_parameter.name typed_parameter list_splat_pattern
    dictionary_splat_pattern pattern_list tuple_pattern list_pattern assignment.left
    augmented_assignment.left named_expression.name for_statement.left for_in_clause.left
    as_pattern.alias as_pattern_target case_pattern splat_pattern global_statement
    nonlocal_statement type_parameter type_alias_statement.left`,
    "attribute.attribute keyword_argument.name",
    "typed_parameter.type class_pattern",
  ),
  inherits:
    /^(?:tuple|list|dotted_name|as_pattern|as_pattern_target|union_pattern|dict_pattern|keyword_pattern|type)$/,
  resolves: true,
};

const script: NameRules = {
  names: /^(?:identifier|type_identifier|shorthand_property_identifier(?:_pattern)?)$/,
  roles: roles(
    `function_declaration.name generator_function_declaration.name function_expression.name
    generator_function.name class_declaration.name class.name abstract_class_declaration.name
    function_signature.name enum_declaration.name interface_declaration.name
    type_alias_declaration.name internal_module.name module.name variable_declarator.name
    formal_parameters required_parameter.pattern optional_parameter.pattern rest_pattern
    arrow_function.parameter catch_clause.parameter object_pattern array_pattern
    pair_pattern.value assignment_pattern.left object_assignment_pattern.left
    for_in_statement.left type_parameter.name infer_type index_signature.name
    mapped_type_clause.name import_alias.name`,
    `nested_type_identifier.name nested_identifier.property export_specifier.alias
    namespace_export jsx_namespace_name enum_assignment.value`,
  ),
  inherits: /^$/,
  resolves: true,
};

const declarations =
  `function_declaration method_declaration function_definition function_item struct_item enum_item
  union_item trait_item type_item mod_item const_item static_item macro_definition class_declaration
  interface_declaration enum_declaration record_declaration annotation_type_declaration
  struct_declaration delegate_declaration constructor_declaration property_declaration
  local_function_statement trait_declaration type_spec const_spec var_spec type_alias
  variable_declarator formal_parameter parameter parameter_declaration enum_constant enumerator
  enum_member_declaration struct_specifier class_specifier union_specifier enum_specifier
  class_specifier preproc_def preproc_function_def method singleton_method class module
  method_spec method_elem namespace_definition alias_declaration function_signature_item
  variable_assignment`
    .split(/\s+/)
    .map((type) => `${type}.name`)
    .join(" ");

/** Languages whose scopes are not followed: what stands where a name is given is a definition. */
const others: NameRules = {
  names: /^(?:identifier|type_identifier|field_identifier|constant|name|variable_name)$/,
  roles: roles(
    `${declarations} function_declarator.declarator init_declarator.declarator
    pointer_declarator.declarator array_declarator.declarator parameter_declaration.declarator
    declaration.declarator
    field_declaration.name field_declaration.declarator type_definition.declarator let_declaration.pattern parameter.pattern
    short_var_declaration.left range_clause.left method_parameters block_parameters
    assignment.left lambda_parameters`,
    `field_access.field member_access_expression.name selector_expression.field
    field_expression.field field_initializer.field shorthand_field_initializer
    field_designator keyed_element.key`,
  ),
  inherits: /^(?:expression_list|tuple_pattern|mut_pattern|variable_name)$/,
  resolves: false,
};

/** The rules of a language; undefined where its texts have no names: data and markup. */
export function nameRules(language: string): NameRules | undefined {
  if (language === "python") return python;
  if (/^(?:javascript|typescript|tsx)$/.test(language)) return script;
  return /^(?:json|html|css|yaml|toml)$/.test(language) ? undefined : others;
}
