; inherits: ecma
; TypeScript: types beside the code.
(public_field_definition name: (_) @name) @field
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
