; What JavaScript and TypeScript have in common; the captures are named in languages/outline.ts.
(class_declaration name: (_) @name) @class
(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(method_definition name: (_) @name) @method
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
