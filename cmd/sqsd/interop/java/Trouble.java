import java.net.URI;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.*;

/** What the Java client meets elsewhere than at a server that is well: wrong keys and digests, no leader, wrong clocks. */
final class Trouble {
    static final String ENDPOINT = System.getenv("AWS_ENDPOINT_URL_SQS");
    static final String ROOT = "Root=1-5759e988-bd862e3fe1be46a994272793";
    static final Map<MessageSystemAttributeNameForSends, MessageSystemAttributeValue> TRACE =
            Map.of(MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
                    MessageSystemAttributeValue.builder().dataType("String").stringValue(ROOT).build());

    static void strangers() {
        Map<String, String> keys = Map.of(
                "InvalidClientTokenId", "AKIDSTRANGER", "SignatureDoesNotMatch", System.getenv("AWS_ACCESS_KEY_ID"));
        keys.forEach((code, key) -> {
            SqsClient stranger = SqsClient.builder()
                    .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(key, "wrong")))
                    .build();
            Session.fails(SqsException.class, code, stranger::listQueues);
        });
    }

    /** The client notices digests that are not those of the body and the attributes. */
    static void digests(String jobs) {
        MessageAttributeValue blue = MessageAttributeValue.builder().dataType("String").stringValue("blue").build();
        SendMessageRequest message = SendMessageRequest.builder().queueUrl(jobs).messageBody("b")
                .messageAttributes(Map.of("color", blue)).build();
        SendMessageBatchRequestEntry entry = Session.entry("a", "b").toBuilder()
                .messageAttributes(message.messageAttributes()).build();
        for (String member : List.of("MD5OfMessageBody", "MD5OfMessageAttributes")) {
            notices(() -> elsewhere("/damage/" + member).sendMessage(message));
            notices(() -> elsewhere("/damage/" + member).sendMessageBatch(r -> r.queueUrl(jobs).entries(entry)));
        }
        for (String member : List.of("MD5OfBody", "MD5OfMessageAttributes")) {
            notices(() -> elsewhere("/damage/" + member)
                    .receiveMessage(r -> r.queueUrl(jobs).messageAttributeNames("All")));
        }
    }

    static void notices(Runnable call) {
        try {
            call.run();
        } catch (SdkClientException e) {
            Session.same(e.getMessage().contains("MD5"), true);
            return;
        }
        throw new AssertionError("a wrong digest was not noticed");
    }

    /** The client tries again without a word when no leader is there, and with the server's time if its own is wrong. */
    static void passes() {
        for (String path : List.of("/busy", "/ahead")) {
            Session.same(elsewhere(path).listQueues().queueUrls(), List.of());
        }
    }

    static SqsClient elsewhere(String path) {
        return SqsClient.builder().endpointOverride(URI.create(ENDPOINT + path)).build();
    }
}
