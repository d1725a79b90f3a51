; Go.
(function_declaration name: (identifier) @name) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: [(type_identifier) @of (pointer_type (type_identifier) @of) (generic_type type: (type_identifier) @of) (pointer_type (generic_type type: (type_identifier) @of))])) name: (field_identifier) @name) @method
(type_spec name: (type_identifier) @name type: (struct_type)) @class
(type_spec name: (type_identifier) @name type: (interface_type)) @interface
(type_spec name: (type_identifier) @name type: [(type_identifier) (qualified_type) (pointer_type) (array_type) (slice_type) (map_type) (channel_type) (function_type) (generic_type)]) @type
(type_alias name: (type_identifier) @name) @type
(const_spec (identifier) @name) @constant
(source_file (var_declaration (var_spec name: (identifier) @name) @variable))
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name) @variable)))
(field_declaration name: (field_identifier) @name) @field
(method_elem name: (field_identifier) @name) @method

(call_expression function: (identifier) @call)
(call_expression function: (selector_expression field: (field_identifier) @call))
(composite_literal type: (type_identifier) @type.use)
(parameter_declaration type: (type_identifier) @type.use)
(pointer_type (type_identifier) @type.use)
(slice_type (type_identifier) @type.use)
(qualified_type name: (type_identifier) @type.use)
(field_declaration type: (type_identifier) @type.use)

(import_spec name: (_)? @alias path: (interpreted_string_literal (interpreted_string_literal_content) @module)) @import
