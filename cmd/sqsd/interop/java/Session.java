import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.*;

/** A session of the Java client, version 2, with every action of SQS; run by the tests of package interop. */
public final class Session {
    static final String PREFIX = System.getenv("SQS_PREFIX");
    static final String LEGACY = "AWS.SimpleQueueService.";
    static final QueueAttributeName VISIBLE = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
    static final SqsClient sqs = SqsClient.create();

    public static void main(String[] args) throws Exception {
        String jobs = queues();
        settings(jobs);
        messages(jobs);
        batches(jobs);
        longPolls(jobs);
        fifo();
        deadLetters();
        moveTasks();
        errors(jobs);
        batchErrors(jobs);
        Trouble.strangers();
        Trouble.digests(jobs);
        Trouble.passes();
        ends(jobs);
    }

    static String queues() {
        String name = PREFIX + "-jobs";
        CreateQueueRequest wanted = CreateQueueRequest.builder().queueName(name)
                .attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "40")).tags(Map.of("team", "red")).build();
        String jobs = sqs.createQueue(wanted).queueUrl();
        same(sqs.createQueue(wanted).queueUrl(), jobs);
        same(sqs.getQueueUrl(r -> r.queueName(name)).queueUrl(), jobs);
        String other = create("other", Map.of());
        List<List<String>> pages = sqs.listQueuesPaginator(r -> r.queueNamePrefix(PREFIX).maxResults(1)).stream()
                .map(ListQueuesResponse::queueUrls).collect(Collectors.toList());
        same(pages, List.of(List.of(jobs), List.of(other)));
        fails(QueueNameExistsException.class, "QueueAlreadyExists", () -> sqs.createQueue(
                wanted.toBuilder().attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "41")).build()));
        return jobs;
    }

    static void settings(String jobs) {
        sqs.setQueueAttributes(r -> r.queueUrl(jobs).attributes(Map.of(
                QueueAttributeName.MESSAGE_RETENTION_PERIOD, "3600", QueueAttributeName.DELAY_SECONDS, "0")));
        same(attribute(jobs, QueueAttributeName.VISIBILITY_TIMEOUT), "40");
        same(attribute(jobs, QueueAttributeName.MESSAGE_RETENTION_PERIOD), "3600");
        same(arn(jobs).endsWith(":" + PREFIX + "-jobs"), true);

        Map<String, String> tags = Map.of("team", "blue", "cost centre", "\u00e9");
        sqs.tagQueue(r -> r.queueUrl(jobs).tags(tags));
        same(sqs.listQueueTags(r -> r.queueUrl(jobs)).tags(), tags);
        sqs.untagQueue(r -> r.queueUrl(jobs).tagKeys(tags.keySet()));
        same(sqs.listQueueTags(r -> r.queueUrl(jobs)).tags(), Map.of());

        sqs.addPermission(r -> r.queueUrl(jobs).label("share").awsAccountIds("111111111111").actions("SendMessage"));
        same(attribute(jobs, QueueAttributeName.POLICY).contains("\"Sid\":\"share\""), true);
        sqs.removePermission(r -> r.queueUrl(jobs).label("share"));
        same(attribute(jobs, QueueAttributeName.POLICY), null);
    }

    static void messages(String jobs) {
        String body = "r\u00e9sum\u00e9 <&> \"quoted\"\r\n\t\ud83d\ude00";
        Map<String, MessageAttributeValue> given = new LinkedHashMap<>();
        given.put("color", MessageAttributeValue.builder().dataType("String").stringValue("blue").build());
        given.put("count", MessageAttributeValue.builder().dataType("Number").stringValue("3").build());
        given.put("blob", MessageAttributeValue.builder().dataType("Binary")
                .binaryValue(SdkBytes.fromByteArray(new byte[] {1, 2, 3})).build());
        String digest = "d838729972a4b70e2d2acd9d59ac847c";
        SendMessageResponse sent = sqs.sendMessage(r -> r.queueUrl(jobs).messageBody(body)
                .messageAttributes(given).messageSystemAttributes(Trouble.TRACE));
        same(sent.md5OfMessageAttributes(), digest);
        same(sent.md5OfMessageSystemAttributes(), "62a56dd927315f2b2e12832b84617ea5");
        Message got = sqs.receiveMessage(r -> r.queueUrl(jobs).messageAttributeNames("All")
                .messageSystemAttributeNames(MessageSystemAttributeName.ALL)).messages().get(0);
        same(List.of(got.messageId(), got.body(), got.md5OfMessageAttributes()), List.of(sent.messageId(), body, digest));
        same(got.messageAttributes(), given);
        same(got.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT), "1");
        same(got.attributes().get(MessageSystemAttributeName.AWS_TRACE_HEADER), Trouble.ROOT);
        sqs.changeMessageVisibility(r -> r.queueUrl(jobs).receiptHandle(got.receiptHandle()).visibilityTimeout(0));
        Message again = receive(jobs, 1).get(0);
        same(again.hasAttributes() || again.hasMessageAttributes(), false);
        sqs.deleteMessage(r -> r.queueUrl(jobs).receiptHandle(again.receiptHandle()));
        same(attribute(jobs, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE), "0");
    }

    static void batches(String jobs) {
        SendMessageBatchResponse sent = sqs.sendMessageBatch(r -> r.queueUrl(jobs).entries(
                entry("0", "job 0"), entry("1", "\b"), entry("2", "job 2")));
        same(sent.successful().stream().map(SendMessageBatchResultEntry::id).collect(Collectors.toList()), List.of("0", "2"));
        same(sent.failed().get(0).id() + sent.failed().get(0).code(), "1InvalidMessageContents");
        List<Message> got = receive(jobs, 10);
        same(bodies(got), "job 0,job 2");
        List<ChangeMessageVisibilityBatchRequestEntry> hide = new ArrayList<>();
        List<DeleteMessageBatchRequestEntry> handles = new ArrayList<>();
        handles.add(DeleteMessageBatchRequestEntry.builder().id("bad").receiptHandle("x").build());
        for (Message m : got) {
            hide.add(ChangeMessageVisibilityBatchRequestEntry.builder()
                    .id(m.messageId()).receiptHandle(m.receiptHandle()).visibilityTimeout(60).build());
            handles.add(DeleteMessageBatchRequestEntry.builder().id(m.messageId()).receiptHandle(m.receiptHandle()).build());
        }
        same(sqs.changeMessageVisibilityBatch(r -> r.queueUrl(jobs).entries(hide)).successful().size(), 2);
        DeleteMessageBatchResponse deleted = sqs.deleteMessageBatch(r -> r.queueUrl(jobs).entries(handles));
        same(deleted.successful().size(), 2);
        same(deleted.failed().get(0).id() + deleted.failed().get(0).code(), "badReceiptHandleIsInvalid");
    }

    static void longPolls(String jobs) {
        long began = System.nanoTime();
        same(sqs.receiveMessage(r -> r.queueUrl(jobs).waitTimeSeconds(1)).messages(), List.of());
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        same(took > 900 && took < 5000, true);
        began = System.nanoTime();
        CompletableFuture<Void> late = CompletableFuture.runAsync(
                () -> sqs.sendMessage(r -> r.queueUrl(jobs).messageBody("late")),
                CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS));
        Message got = sqs.receiveMessage(r -> r.queueUrl(jobs).waitTimeSeconds(20)).messages().get(0);
        same(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) < 10, true);
        late.join();
        sqs.deleteMessage(r -> r.queueUrl(jobs).receiptHandle(got.receiptHandle()));
    }

    static void fifo() {
        String url = create("jobs.fifo", Map.of(
                QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true"));
        SendMessageRequest message = SendMessageRequest.builder().queueUrl(url).messageBody("1").messageGroupId("g").build();
        SendMessageResponse first = sqs.sendMessage(message), twin = sqs.sendMessage(message);
        same(first.sequenceNumber().length(), 20);
        same(twin.messageId() + twin.sequenceNumber(), first.messageId() + first.sequenceNumber());
        sqs.sendMessageBatch(r -> r.queueUrl(url).entries(IntStream.rangeClosed(2, 5)
                .mapToObj(i -> entry("" + i, "" + i).toBuilder().messageGroupId("g").messageDeduplicationId("d" + i).build())
                .collect(Collectors.toList())));
        ReceiveMessageRequest attempt = ReceiveMessageRequest.builder().queueUrl(url).maxNumberOfMessages(3)
                .messageSystemAttributeNames(MessageSystemAttributeName.ALL).receiveRequestAttemptId("attempt").build();
        List<Message> got = sqs.receiveMessage(attempt).messages(), again = sqs.receiveMessage(attempt).messages();
        same(bodies(got), "1,2,3");
        same(got.get(1).attributes().get(MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID), "d2");
        List<String> numbers = got.stream().map(m -> m.attributes().get(MessageSystemAttributeName.SEQUENCE_NUMBER))
                .collect(Collectors.toList());
        same(numbers, List.copyOf(new ArrayList<>(new TreeSet<>(numbers))));
        same(again.stream().map(Message::receiptHandle).collect(Collectors.toList()),
                got.stream().map(Message::receiptHandle).collect(Collectors.toList()));
        same(receive(url, 1), List.of());
        for (Message m : got) {
            sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(m.receiptHandle()));
        }
        same(bodies(receive(url, 10)), "4,5");
    }

    static void deadLetters() throws InterruptedException {
        String dead = create("dead", Map.of());
        String source = create("source", Map.of(QueueAttributeName.REDRIVE_POLICY,
                "{\"deadLetterTargetArn\":\"" + arn(dead) + "\",\"maxReceiveCount\":1}"));
        same(sqs.listDeadLetterSourceQueues(r -> r.queueUrl(dead)).queueUrls(), List.of(source));
        for (int i = 0; i < 3; i++) {
            String body = "bad " + i;
            sqs.sendMessage(r -> r.queueUrl(source).messageBody(body));
        }
        same(sqs.receiveMessage(r -> r.queueUrl(source).maxNumberOfMessages(10).visibilityTimeout(0)).messages().size(), 3);
        same(receive(source, 10), List.of());
        waitUntil(() -> "3".equals(attribute(dead, VISIBLE)));
        Message got = sqs.receiveMessage(r -> r.queueUrl(dead).visibilityTimeout(0)
                .messageSystemAttributeNames(MessageSystemAttributeName.ALL)).messages().get(0);
        same(got.attributes().get(MessageSystemAttributeName.DEAD_LETTER_QUEUE_SOURCE_ARN), arn(source));
    }

    static void moveTasks() throws InterruptedException {
        String dead = create("dead", Map.of()), source = create("source", Map.of()), arn = arn(dead);
        String slow = sqs.startMessageMoveTask(r -> r.sourceArn(arn).maxNumberOfMessagesPerSecond(1)).taskHandle();
        same(tasks(arn).get(0).status() + tasks(arn).get(0).taskHandle(), "RUNNING" + slow);
        same(sqs.cancelMessageMoveTask(r -> r.taskHandle(slow)).approximateNumberOfMessagesMoved() != null, true);
        waitUntil(() -> tasks(arn).get(0).status().equals("CANCELLED"));
        fails(software.amazon.awssdk.services.sqs.model.UnsupportedOperationException.class, LEGACY + "UnsupportedOperation",
                () -> sqs.cancelMessageMoveTask(r -> r.taskHandle(slow)));
        sqs.startMessageMoveTask(r -> r.sourceArn(arn));
        waitUntil(() -> tasks(arn).get(0).status().equals("COMPLETED"));
        same(tasks(arn).size(), 2);
        same(attribute(dead, VISIBLE), "0");
        waitUntil(() -> "3".equals(attribute(source, VISIBLE)));
    }

    static void errors(String jobs) {
        fails(QueueDoesNotExistException.class, LEGACY + "NonExistentQueue",
                () -> sqs.getQueueUrl(r -> r.queueName(PREFIX + "-absent")));
        fails(QueueDoesNotExistException.class, LEGACY + "NonExistentQueue",
                () -> sqs.sendMessage(r -> r.queueUrl(jobs + "-absent").messageBody("b")));
        fails(InvalidAttributeNameException.class, "InvalidAttributeName",
                () -> sqs.setQueueAttributes(r -> r.queueUrl(jobs).attributesWithStrings(Map.of("Colour", "red"))));
        fails(InvalidAttributeValueException.class, "InvalidAttributeValue",
                () -> sqs.setQueueAttributes(r -> r.queueUrl(jobs).attributesWithStrings(Map.of("DelaySeconds", "901"))));
        fails(ReceiptHandleIsInvalidException.class, "ReceiptHandleIsInvalid",
                () -> sqs.deleteMessage(r -> r.queueUrl(jobs).receiptHandle("x")));
        fails(InvalidMessageContentsException.class, "InvalidMessageContents",
                () -> sqs.sendMessage(r -> r.queueUrl(jobs).messageBody("\b")));
        fails(OverLimitException.class, "OverLimit", () -> sqs.addPermission(r -> r.queueUrl(jobs).label("l")
                .awsAccountIds("111111111111").actions(Collections.nCopies(8, "SendMessage"))));
        fails(ResourceNotFoundException.class, "ResourceNotFoundException", () -> tasks(arn(jobs) + "-absent"));
        fails(SqsException.class, "InvalidParameterValue", () -> receive(jobs, 11));
        fails(SqsException.class, "MissingParameter", () -> sqs.sendMessage(r -> r.queueUrl(jobs).messageBody("")));
    }

    static void batchErrors(String jobs) {
        SendMessageBatchRequestEntry[] eleven =
                IntStream.range(0, 11).mapToObj(i -> entry("" + i, "b")).toArray(SendMessageBatchRequestEntry[]::new);
        String half = "x".repeat(600_000);
        fails(EmptyBatchRequestException.class, LEGACY + "EmptyBatchRequest", () -> send(jobs));
        fails(TooManyEntriesInBatchRequestException.class, LEGACY + "TooManyEntriesInBatchRequest", () -> send(jobs, eleven));
        fails(BatchEntryIdsNotDistinctException.class, LEGACY + "BatchEntryIdsNotDistinct",
                () -> send(jobs, entry("a", "b"), entry("a", "b")));
        fails(InvalidBatchEntryIdException.class, LEGACY + "InvalidBatchEntryId", () -> send(jobs, entry("!", "b")));
        fails(BatchRequestTooLongException.class, LEGACY + "BatchRequestTooLong",
                () -> send(jobs, entry("a", half), entry("b", half)));
    }

    static void ends(String jobs) {
        sqs.sendMessage(r -> r.queueUrl(jobs).messageBody("purged"));
        sqs.purgeQueue(r -> r.queueUrl(jobs));
        same(receive(jobs, 1), List.of());
        fails(PurgeQueueInProgressException.class, LEGACY + "PurgeQueueInProgress", () -> sqs.purgeQueue(r -> r.queueUrl(jobs)));
        for (String url : sqs.listQueues(r -> r.queueNamePrefix(PREFIX)).queueUrls()) {
            sqs.deleteQueue(r -> r.queueUrl(url));
        }
        fails(QueueDeletedRecentlyException.class, LEGACY + "QueueDeletedRecently", () -> create("jobs", Map.of()));
    }

    static String create(String name, Map<QueueAttributeName, String> attributes) {
        return sqs.createQueue(r -> r.queueName(PREFIX + "-" + name).attributes(attributes)).queueUrl();
    }

    static void send(String url, SendMessageBatchRequestEntry... entries) {
        sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries));
    }

    static SendMessageBatchRequestEntry entry(String id, String body) {
        return SendMessageBatchRequestEntry.builder().id(id).messageBody(body).build();
    }

    static List<Message> receive(String url, int most) {
        return sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(most)).messages();
    }

    static String bodies(List<Message> messages) {
        return messages.stream().map(Message::body).collect(Collectors.joining(","));
    }

    static String attribute(String url, QueueAttributeName name) {
        return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(name)).attributes().get(name);
    }

    static String arn(String url) {
        return attribute(url, QueueAttributeName.QUEUE_ARN);
    }

    static List<ListMessageMoveTasksResultEntry> tasks(String arn) {
        return sqs.listMessageMoveTasks(r -> r.sourceArn(arn).maxResults(10)).results();
    }

    static void waitUntil(BooleanSupplier holds) throws InterruptedException {
        for (long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20); !holds.getAsBoolean(); Thread.sleep(100)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 20 seconds");
            }
        }
    }

    static void fails(Class<? extends SqsException> type, String code, Runnable call) {
        try {
            call.run();
        } catch (SqsException e) {
            same(type.isInstance(e), true);
            same(e.awsErrorDetails().errorCode(), code);
            return;
        }
        throw new AssertionError("no " + type);
    }

    static void same(Object got, Object want) {
        if (!Objects.equals(got, want)) {
            throw new AssertionError("got " + got + ", want " + want);
        }
    }
}
