; TypeScript: all of JavaScript, and types.
(class_declaration name: (_) @name) @class
(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(method_definition name: (_) @name) @method
(public_field_definition name: (_) @name) @field
(program (lexical_declaration (variable_declarator name: (identifier) @name)) @variable)
(program (variable_declaration (variable_declarator name: (identifier) @name)) @variable)
(program (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name))) @variable)
(lexical_declaration (variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression)])) @function
(variable_declaration (variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression)])) @function
(lexical_declaration (variable_declarator name: (identifier) @name value: (class))) @class
(assignment_expression left: (member_expression property: (property_identifier) @name) right: [(arrow_function) (function_expression)]) @function
(pair key: (property_identifier) @name value: [(arrow_function) (function_expression)]) @method
((call_expression function: [(identifier) (member_expression)] @runner arguments: (arguments . (string (string_fragment) @name) [(arrow_function) (function_expression)])) @test
  (#match? @runner "^(describe|it|test|suite|context|bench)(\\.|$)"))

(call_expression function: (identifier) @call)
(call_expression function: (member_expression property: (property_identifier) @call))
(new_expression constructor: (identifier) @call)
(new_expression constructor: (member_expression property: (property_identifier) @call))

(import_statement (import_clause (identifier) @default) source: (string (string_fragment) @module)) @import
(import_statement (import_clause (namespace_import (identifier) @all)) source: (string (string_fragment) @module)) @import
(import_statement (import_clause (named_imports (import_specifier name: (_) @imported))) source: (string (string_fragment) @module)) @import
(import_statement . source: (string (string_fragment) @module)) @import
(export_statement source: (string (string_fragment) @module)) @import
((call_expression function: [(identifier) (import)] @loader arguments: (arguments . (string (string_fragment) @module))) @import
  (#match? @loader "^(require|import)$"))
(abstract_class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @interface
(type_alias_declaration name: (_) @name) @type
(enum_declaration name: (_) @name) @enum
(internal_module name: (_) @name) @module.def
(module name: (_) @name) @module.def
(function_signature name: (identifier) @name) @function
(method_signature name: (_) @name) @method
(abstract_method_signature name: (_) @name) @method
(property_signature name: (_) @name) @field
(enum_body name: (_) @name @constant)
(enum_assignment name: (_) @name) @constant
(extends_clause value: (identifier) @base)
(extends_clause value: (member_expression property: (property_identifier) @base))
(implements_clause (type_identifier) @base)
(extends_type_clause type: (type_identifier) @base)
(type_annotation (type_identifier) @type.use)
(generic_type name: (type_identifier) @type.use)
(type_arguments (type_identifier) @type.use)
(union_type (type_identifier) @type.use)
(array_type (type_identifier) @type.use)
(import_require_clause source: (string (string_fragment) @module)) @import
