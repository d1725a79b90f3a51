; Java.
(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(annotation_type_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(enum_constant name: (identifier) @name) @constant
(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @field

(method_invocation name: (identifier) @call)
(object_creation_expression type: (type_identifier) @call)
(superclass (type_identifier) @base)
(super_interfaces (type_list (type_identifier) @base))
(type_arguments (type_identifier) @type.use)
(formal_parameter type: (type_identifier) @type.use)
(field_declaration type: (type_identifier) @type.use)
(marker_annotation name: (identifier) @call)

(import_declaration (scoped_identifier) @module) @import
