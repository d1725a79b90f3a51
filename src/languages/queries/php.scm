; PHP.
(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @method
(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(trait_declaration name: (name) @name) @class
(enum_declaration name: (name) @name) @enum
(const_declaration (const_element . (name) @name)) @constant
(property_declaration (property_element . (variable_name (name) @name))) @field

(function_call_expression function: (name) @call)
(member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(object_creation_expression (name) @call)
(base_clause (name) @base)
(class_interface_clause (name) @base)

(namespace_use_clause [(qualified_name) (name)] @module) @import
(require_once_expression (string (string_content) @module)) @import
(require_expression (string (string_content) @module)) @import
(include_expression (string (string_content) @module)) @import
