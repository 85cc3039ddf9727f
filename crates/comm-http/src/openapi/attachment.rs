//! The entries of `attachments`: a file with its content, or a path; in a `PUT` also one as it was answered.

use crate::outreach::attachment_body::File;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

const CONTENT: &str = "content_base64";

/// An entry of a new email.
pub(crate) struct NewAttachment;

impl PartialSchema for NewAttachment {
    fn schema() -> RefOr<Schema> {
        file_or_path("NewAttachmentFile", "An attachment.")
    }
}

impl ToSchema for NewAttachment {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let file = with_content(File::schema());
        schemas.push(("NewAttachmentFile".to_owned(), file));
    }
}

/// An entry of a list that a `PUT` asks for.
pub(crate) struct AttachmentChange;

impl PartialSchema for AttachmentChange {
    fn schema() -> RefOr<Schema> {
        let description = "An attachment; without `content_base64`, the stored one with this `filename`, `content_type` \
                           and `size`.";
        file_or_path(&File::name(), description)
    }
}

impl ToSchema for AttachmentChange {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((File::name().into_owned(), File::schema()));
    }
}

fn file_or_path(file: &str, description: &str) -> RefOr<Schema> {
    let path = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("attachment-path".to_owned())))
        .description(Some(
            "The path of a file below the attachment folder, relative or absolute, where one is configured.",
        ));
    OneOfBuilder::new()
        .description(Some(description))
        .item(Ref::from_schema_name(file))
        .item(path)
        .into()
}

/// The same, with a content that may not be left out.
fn with_content(mut file: RefOr<Schema>) -> RefOr<Schema> {
    if let RefOr::T(Schema::Object(file)) = &mut file {
        file.required.push(CONTENT.to_owned());
        if let Some(RefOr::T(Schema::Object(content))) = file.properties.get_mut(CONTENT) {
            content.schema_type = Type::String.into();
        }
    }
    file
}
